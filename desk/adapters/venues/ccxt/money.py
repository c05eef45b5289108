"""The money and the positions of an account, out of balances, positions and fills."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from desk.adapters.venues.ccxt.amounts import decimal_of, needed, time_of
from desk.adapters.venues.ccxt.calls import CcxtCalls
from desk.adapters.venues.ccxt.catalogue import Catalogue, Listing
from desk.adapters.venues.ccxt.errors import VENUE
from desk.adapters.venues.ccxt.market import CcxtMarket
from desk.adapters.venues.ccxt.orders import Raw
from desk.errors import VenueUnavailable
from desk.model.books import AccountState, Position

_SIGNS: Mapping[object, int] = {"long": 1, "short": -1}


class CcxtMoney:
    """What an account has.

    Args:
        currency: what the account is valued in.
        instruments: those that it trades; the balances of their base currencies are its spot positions.
    """

    def __init__(
        self, calls: CcxtCalls, catalogue: Catalogue, market: CcxtMarket, currency: str, instruments: Sequence[str]
    ) -> None:
        self._calls = calls
        self._catalogue = catalogue
        self._market = market
        self._currency = currency
        self._instruments = tuple(instruments)

    async def account(self) -> AccountState:
        """Return the account's money; what it holds is valued at the middle of bid and ask."""
        balances = await self._balances()
        positions = await self.positions()
        quotes = await self._market.quotes([one.instrument for one in positions], at=self._calls.clock.now())
        cash = balances.get(self._currency, Decimal(0))
        worth = cash
        for position in positions:
            if position.instrument not in quotes:
                raise VenueUnavailable(VENUE, "account", "NO_PRICE", f"there is no price of {position.instrument}")
            value = position.quantity * quotes[position.instrument].mid
            worth += value - position.cost if await self._is_perpetual(position.instrument) else value
        now = self._calls.clock.now()
        return AccountState(self._currency, cash, worth, now, {self._currency: Decimal(1)}, balances)

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position.

        A spot balance is told without its price: it is counted at what the newest buys of it cost, or at the present
        price where those do not explain it.
        """
        listings = {name: await self._catalogue.listing(name) for name in self._instruments}
        perpetuals = [name for name, one in listings.items() if one.instrument.can_short]
        spots = [one for one in listings.values() if not one.instrument.can_short]
        return (*await self._perpetuals(perpetuals), *await self._spots(spots))

    async def _is_perpetual(self, name: str) -> bool:
        return (await self._catalogue.listing(name)).instrument.can_short

    async def _balances(self) -> dict[str, Decimal]:
        told = await self._calls.ask("fetch_balance", "balances")
        amounts = ((currency, decimal_of(amount)) for currency, amount in (told.get("total") or {}).items())
        return {currency: amount for currency, amount in amounts if amount}

    async def _perpetuals(self, names: Sequence[str]) -> tuple[Position, ...]:
        if not names:
            return ()
        told = await self._calls.ask("fetch_positions", "positions", list(names))
        try:
            held = [one for one in told if decimal_of(one.get("contracts"))]
            listings = [await self._catalogue.listing(str(one["symbol"])) for one in held]
            return tuple(position_of(*both, self._calls.clock.now()) for both in zip(held, listings, strict=True))
        except (ValueError, KeyError) as error:
            raise VenueUnavailable(VENUE, "positions", "UNREADABLE", str(error)) from None

    async def _spots(self, listings: Sequence[Listing]) -> tuple[Position, ...]:
        if not listings:
            return ()
        balances = await self._balances()
        held = [(one, balances.get(one.instrument.base, Decimal(0))) for one in listings]
        return tuple([await self._spot(one, quantity) for one, quantity in held if quantity >= one.instrument.lot])

    async def _spot(self, listing: Listing, quantity: Decimal) -> Position:
        name = listing.instrument.name
        trades = await self._calls.ask("fetch_my_trades", f"fills in {name}", name)
        cost, opened_at, left = Decimal(0), self._calls.clock.now(), quantity
        for trade in sorted(trades, key=lambda one: int(one["timestamp"]), reverse=True):
            if trade["side"] == "buy" and left > 0:
                part = min(left, needed(trade["amount"], "an amount"))
                cost, left = cost + part * needed(trade["price"], "a price"), left - part
                opened_at = time_of(trade["timestamp"]) or opened_at
        if left > 0:
            cost += left * await self._price(name)
        return Position(name, quantity, cost, opened_at)

    async def _price(self, name: str) -> Decimal:
        at: datetime = self._calls.clock.now()
        quote = (await self._market.quotes([name], at=at)).get(name)
        if quote is None:
            raise VenueUnavailable(VENUE, "positions", "NO_PRICE", f"there is no price of {name}")
        return quote.mid


def position_of(raw: Raw, listing: Listing, now: datetime) -> Position:
    """Return a perpetual position.

    Args:
        now: counts where the exchange does not tell since when.

    Raises:
        ValueError: a number is missing, or the side: ccxt does not know it everywhere, and nothing may be guessed.
    """
    name, sign = listing.instrument.name, _SIGNS.get(raw.get("side"))
    if sign is None:
        raise ValueError(f"expected {name} to be long or short, found {raw.get('side')!r}")
    quantity = abs(needed(raw.get("contracts"), "contracts")) * listing.unit * sign
    cost = quantity * needed(raw.get("entryPrice"), "an entry price")
    return Position(name, quantity, cost, time_of(raw.get("timestamp")) or now)
