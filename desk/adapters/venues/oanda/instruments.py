"""The instruments of an account, asked for twice a day."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.names import from_wire
from desk.adapters.venues.oanda.wire.market import InstrumentsReply, WireInstrument
from desk.model.instrument import Instrument, InstrumentKind
from desk.ports import Clock

_KINDS = {"CURRENCY": InstrumentKind.FX, "METAL": InstrumentKind.METAL}
# A CFD is traded on margin in both directions, and pauses once a day as metals do; the quote says when it is tradable.
_OTHERWISE = InstrumentKind.METAL


class OandaInstruments:
    """What the account may trade, remembered for a while: it depends on the account's division, and rarely changes."""

    def __init__(self, api: OandaApi, clock: Clock, *, kept: timedelta = timedelta(hours=12)) -> None:
        self._api = api
        self._clock = clock
        self._kept = kept
        self._known: tuple[datetime, Mapping[str, Instrument]] | None = None
        self._asking: asyncio.Task[Mapping[str, Instrument]] | None = None

    async def all(self) -> Mapping[str, Instrument]:
        """Return every instrument by our name; who asks while an answer is under way waits for that one."""
        now = self._clock.now()
        if self._known is not None and timedelta(0) <= now - self._known[0] < self._kept:
            return self._known[1]
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(now))
            self._asking.add_done_callback(self._land)
        return await asyncio.shield(self._asking)

    async def _ask(self, now: datetime) -> Mapping[str, Instrument]:
        reply = await self._api.read(InstrumentsReply, "/instruments", "instruments")
        self._known = now, {one.name: one for one in map(instrument_of, reply.instruments)}
        return self._known[1]

    def _land(self, task: asyncio.Task[Mapping[str, Instrument]]) -> None:
        self._asking = None
        if not task.cancelled():
            # Marks a failure as seen where every caller has given up.
            task.exception()


def instrument_of(wire: WireInstrument) -> Instrument:
    """Return the instrument with its grid: a tick is the last decimal that a price may have."""
    return Instrument(
        name=from_wire(wire.name),
        kind=_KINDS.get(wire.type, _OTHERWISE),
        tick=Decimal(1).scaleb(-wire.display_precision),
        lot=Decimal(1).scaleb(-wire.trade_units_precision),
        minimum_quantity=wire.minimum_trade_size,
    )
