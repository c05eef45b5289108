"""Who is asking: the token, the account in the path, and what that account is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from starlette.requests import Request

from desk.model.instrument import Instrument
from simulator.account import Account
from simulator.dialects.base import Refused, is_told
from simulator.dialects.oanda.spelling import ours
from simulator.dialects.oanda.telling import Teller
from simulator.dialects.oanda.trades import Trade, TradeBook
from simulator.exchange import Exchange
from simulator.records import Event, PlacedOrder


@dataclass(frozen=True, slots=True)
class Customer:
    """One request of one account, with its books at the present.

    Attributes:
        style: how the client wants times to be written.
    """

    exchange: Exchange
    account: Account
    request: Request
    instruments: Mapping[str, Instrument]
    trades: TradeBook
    tell: Teller
    style: str

    @property
    def last_id(self) -> str:
        """The newest transaction."""
        return str(len(self.account.events))

    def seen(self) -> list[Event]:
        """Return the transactions that are told of already."""
        return [event for event in self.account.events if is_told(self.request, event)]

    def orders(self) -> list[PlacedOrder]:
        """Return the orders that are told of already, oldest first."""
        return [order for order in self.account.orders.values() if is_told(self.request, order)]

    def order(self, name: str, *, lag: float = 0.0) -> PlacedOrder | None:
        """Return the order of an id or of @ and a client id; None where it is not told of."""
        found = self.account.known_as(name[1:]) if name.startswith("@") else self._numbered(name)
        return found if found is not None and is_told(self.request, found, lag=lag) else None

    def trade(self, name: str) -> Trade | None:
        """Return the trade of an id or of @ and a client id."""
        if not name.startswith("@"):
            return self.trades.trades.get(int(name)) if name.isdecimal() else None
        named = [trade for trade in self.trades.trades.values() if trade.client_id == name[1:]]
        return next((trade for trade in named if trade.current), named[-1] if named else None)

    def _numbered(self, name: str) -> PlacedOrder | None:
        return self.account.orders.get(int(name)) if name.isdecimal() else None


class Sessions:
    """Opens the door, and keeps the trades of every account folded."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._trades: WeakKeyDictionary[Account, TradeBook] = WeakKeyDictionary()

    @property
    def exchange(self) -> Exchange:
        """What is behind it."""
        return self._exchange

    def owned(self, request: Request) -> list[Account]:
        """Return the accounts of the token.

        Raises:
            Refused: 401, there are none.
        """
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        owned = [one for one in self._exchange.accounts("oanda") if one.secrets.get("token") == token]
        if not owned:
            raise Refused(401, {"errorMessage": "Insufficient authorization to perform request."})
        return owned

    async def customer(self, request: Request) -> Customer:
        """Return the account of the path, brought to the present.

        Raises:
            Refused: 401 without a token; 403 where the account is not its own.
        """
        name = request.path_params["account"]
        account = next((one for one in self.owned(request) if one.name == name), None)
        if account is None:
            raise Refused(403, {"errorMessage": "The provided request was forbidden."})
        await self._exchange.settle(account)
        trades = self._trades.setdefault(account, TradeBook(account))
        trades.read_on()
        instruments = await self._exchange.instruments(account.venue)
        style = request.headers.get("accept-datetime-format", "RFC3339")
        tell = Teller(account, trades, instruments, style)
        return Customer(self._exchange, account, request, instruments, trades, tell, style)

    async def instrument(self, request: Request) -> Instrument:
        """Return the instrument of the path.

        Raises:
            Refused: there is none of that name.
        """
        venue = self._exchange.venue("oanda")
        found = (await self._exchange.instruments(venue)).get(ours(request.path_params["instrument"]))
        if found is None:
            raise Refused(400, {"errorMessage": "Invalid value specified for 'instrument'"})
        return found
