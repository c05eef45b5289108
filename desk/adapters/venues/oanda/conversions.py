"""What currencies are worth in an account's own, as OANDA itself converts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.names import to_wire
from desk.adapters.venues.oanda.wire.market import PricingReply, WireConversion
from desk.ports import Clock


class HomeConversions:
    """Conversion factors, remembered for a while.

    Accounts of one process share it: the factors depend on the account's currency and on nothing else of it. Whoever
    asks for prices anyway brings them along with `learn`, so that a call for them alone is rare.

    Args:
        kept: how old a factor may be; it sizes and values, and no order carries it.
    """

    def __init__(self, clock: Clock, *, kept: timedelta = timedelta(minutes=10)) -> None:
        self._clock = clock
        self._kept = kept
        self._known: dict[tuple[str, str], tuple[datetime, Decimal]] = {}

    async def rates(self, api: OandaApi, home: str, instruments: Iterable[str]) -> Mapping[str, Decimal]:
        """Return the value in `home` of one unit of each currency that the instruments are quoted in, and of `home`.

        Args:
            api: of an account in that currency.
            instruments: our names; an instrument without a price leaves its currency out.
        """
        quoted = {name.split("/")[1]: name for name in sorted(instruments)}
        wanted = {currency: name for currency, name in quoted.items() if currency != home}
        await self._ask(api, home, [name for currency, name in wanted.items() if not self._is_fresh(home, currency)])
        rates = {currency: self._known[home, currency][1] for currency in wanted if self._is_fresh(home, currency)}
        return {**rates, home: Decimal(1)}

    def learn(self, home: str, told: Sequence[WireConversion]) -> None:
        """Remember what OANDA told an account in the currency `home` just now."""
        now = self._clock.now()
        for one in told:
            self._known[home, one.currency] = now, one.position_value

    async def _ask(self, api: OandaApi, home: str, instruments: list[str]) -> None:
        if not instruments:
            return
        names = ",".join(map(to_wire, instruments))
        reply = await api.read(
            PricingReply, "/pricing", "conversions", instruments=names, includeHomeConversions="true"
        )
        self.learn(home, reply.home_conversions)

    def _is_fresh(self, home: str, currency: str) -> bool:
        known = self._known.get((home, currency))
        return known is not None and timedelta(0) <= self._clock.now() - known[0] <= self._kept
