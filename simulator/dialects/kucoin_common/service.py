"""The paths that both hosts have for everyone: the time, the state of the service, currencies, tokens for streams."""

import secrets

from simulator.account import Account
from simulator.dialects.kucoin_common.call import Call
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.paths import Paths, Priced
from simulator.dialects.kucoin_common.pools import PUBLIC
from simulator.dialects.kucoin_common.spelling import milliseconds

PING_INTERVAL, PING_TIMEOUT = 18_000, 10_000
STREAM_PATH = "/endpoint"


class Service:
    """Time, state, currencies and tokens."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._tokens: dict[str, Account | None] = {}

    def paths(self) -> Paths:
        """Return what is served."""
        return {
            ("GET", "v1/timestamp"): Priced(self.time, PUBLIC, 3),
            ("GET", "v1/status"): Priced(self.status, PUBLIC, 3),
            ("GET", "v3/currencies"): Priced(self.currencies, PUBLIC, 3),
            ("POST", "v1/bullet-public"): Priced(self.public_token, PUBLIC, 10),
            ("POST", "v1/bullet-private"): Priced(self.private_token, PUBLIC, 10),
        }

    def knows(self, token: str) -> bool:
        """Whether a token was given out."""
        return token in self._tokens

    def owner(self, token: str) -> Account | None:
        """Return whose token it is, None for a public one."""
        return self._tokens[token]

    async def time(self, _: Call) -> object:
        return milliseconds(self._customers.exchange.clock.told())

    async def status(self, _: Call) -> object:
        return {"status": "open", "msg": ""}

    async def currencies(self, _: Call) -> object:
        listed = (await self._customers.instruments()).values()
        names = sorted({one.base for one in listed} | {one.quote for one in listed})
        same = {"precision": 8, "confirms": None, "contractAddress": None, "isMarginEnabled": False}
        return [
            {"currency": name, "name": name, "fullName": name, **same, "isDebitEnabled": False, "chains": []}
            for name in names
        ]

    async def public_token(self, call: Call) -> object:
        return self._token(call, None)

    async def private_token(self, call: Call) -> object:
        return self._token(call, await self._customers.enter(call))

    def _token(self, call: Call, account: Account | None) -> object:
        token = secrets.token_urlsafe(48)
        self._tokens[token] = account
        server = {
            "endpoint": f"ws://{call.request.headers['host']}{STREAM_PATH}",
            "encrypt": False,
            "protocol": "websocket",
            "pingInterval": PING_INTERVAL,
            "pingTimeout": PING_TIMEOUT,
        }
        return {"token": token, "instanceServers": [server]}
