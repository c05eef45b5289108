"""Moves money between an account's own wallets, and says what a key may do; both live on the spot host."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from pydantic import TypeAdapter

from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.wire import ACCEPTED, Wire, plain, to_milliseconds


class Wallet(StrEnum):
    """Where money lies: deposits arrive in MAIN, spot orders draw on TRADE."""

    MAIN = "MAIN"
    TRADE = "TRADE"
    FUTURES = "CONTRACT"


class Flow(StrEnum):
    """Which way money went, as seen from a wallet."""

    IN = "in"
    OUT = "out"


_WITHDRAWING = {"Transfer", "Withdrawal", "Withdraw"}
"""`Transfer` is what the venue's own list of permissions calls deposits and withdrawals."""


@dataclass(frozen=True, slots=True)
class KeyPermissions:
    """What a key may do.

    Attributes:
        version: the generation of the key; credentials name it.
        names: as the venue has them: General, Spot, Futures, FlexTransfers …
        user: the id of the user whose key it is; empty where it is not told.
    """

    version: int
    names: frozenset[str]
    user: str = ""

    @property
    def may_withdraw(self) -> bool:
        """Whether money can leave the venue with it; FlexTransfers and InnerTransfer stay within the user's wallets."""
        return bool(_WITHDRAWING & self.names)


class _Booked(Wire):
    amount: Decimal
    biz_type: str


class _Quota(Wire):
    transferable: Decimal


class _Key(Wire):
    api_version: int
    permission: str
    uid: int | None = None


_QUOTA = TypeAdapter(_Quota)
_KEY = TypeAdapter(_Key)
_LEDGER = TypeAdapter(tuple[_Booked, ...])

_TRANSFER = "TRANSFER"
_ASKED_FOR = timedelta(hours=23)
"""The venue tells of a day at most in one answer."""


class KucoinTransfers:
    """Transfers between wallets of one account; the key needs the permission `FlexTransfers`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def transferable(self, currency: str, wallet: Wallet) -> Decimal:
        """Return how much of a currency can leave a wallet now."""
        query = {"currency": currency, "type": wallet.value}
        return (await self._api.get("/api/v1/accounts/transferable", "transferable", _QUOTA, query)).transferable

    async def transfer(self, client_id: str, currency: str, amount: Decimal, *, source: Wallet, target: Wallet) -> str:
        """Move money once and return the venue's id of the transfer.

        Args:
            client_id: the venue carries out one transfer for each, so that after an unknown outcome the same call
                with the same id may be made again.

        Raises:
            InsufficientFunds: the wallet does not hold as much.
            OutcomeUnknown: it may have been carried out.
        """
        body = {
            "clientOid": client_id,
            "type": "INTERNAL",
            "currency": currency,
            "amount": plain(amount),
            "fromAccountType": source.value,
            "toAccountType": target.value,
        }
        name = f"transfer {client_id} ({plain(amount)} {currency} from {source.name} to {target.name})"
        return (await self._api.post("/api/v3/accounts/universal-transfer", name, ACCEPTED, body)).order_id

    async def transferred(self, currency: str, *, since: datetime, flow: Flow) -> tuple[Decimal, ...]:
        """Return the amounts of a currency that were moved into the wallet TRADE, or out of it, within a day of a time.

        The venue does not tell a transfer by the client's id, only what it has booked.
        """
        query = {
            "currency": currency,
            "direction": flow.value,
            "bizType": _TRANSFER,
            "startAt": to_milliseconds(since),
            "endAt": to_milliseconds(since + _ASKED_FOR),
        }
        rows = await self._api.get("/api/v1/hf/accounts/ledgers", "what was booked", _LEDGER, query)
        return tuple(row.amount for row in rows if row.biz_type == _TRANSFER)

    async def key_permissions(self) -> KeyPermissions:
        """Return what the key may do."""
        key = await self._api.get("/api/v1/user/api-key", "permissions of the key", _KEY)
        names = frozenset(name.strip() for name in key.permission.split(","))
        return KeyPermissions(key.api_version, names, "" if key.uid is None else str(key.uid))
