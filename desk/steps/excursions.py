"""What a scan or a watch has read anyhow says of the ways of trades: how far the price went while they were held."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from desk.execution.stops import Decided
from desk.execution.watching import Look
from desk.matching.spread import range_met, widen
from desk.model.books import Position, Snapshot
from desk.model.candles import Candles
from desk.model.excursions import Excursion, rows_held
from desk.model.instrument import Instrument, Side
from desk.model.market import Market


class Booked(Protocol):
    """What the ledger knows of an account."""

    async def positions(self, account: str) -> tuple[Position, ...]:
        """Return what the account holds by its fills."""
        ...


async def with_excursions(
    snapshot: Snapshot, markets: Mapping[str, Market], books: Booked, *, half_spread_bps: Decimal
) -> Snapshot:
    """Return the snapshot with what the candles say of the ways of its trades.

    These are the trades that are open by the fills, and those that ended within the candles: what happened between the
    last look and an exit is known after that only.

    Args:
        snapshot: with the trades that are over.
        markets: closed candles by instrument; of one without candles nothing is said.
        books: what is held by the fills, since when.
        half_spread_bps: put around prices of trades.
    """
    held = [_Held(one.instrument, one.side, one.opened_at) for one in await books.positions(snapshot.account)]
    begin = datetime.fromtimestamp(min((int(one.own.time[0]) for one in markets.values() if one.own), default=0), UTC)
    over = (_Held(one.instrument, one.side, one.opened_at, one.closed_at) for one in snapshot.closed_since(begin))
    known = {name: one for name, one in snapshot.instruments.items() if name in markets}
    seen = (
        _in_candles(one, markets[one.instrument].own, known[one.instrument], half_spread_bps)
        for one in (*held, *over)
        if one.instrument in known
    )
    return replace(snapshot, excursions=tuple(one for one in seen if one is not None))


def excursions_in_quotes(look: Look, candle_close: datetime, *, half_spread_bps: Decimal) -> tuple[Excursion, ...]:
    """Return the prices at which what the desk holds could have been closed at a look, each for the way of its trade.

    Args:
        look: of the watch.
        candle_close: of the newest candle; a trade that began after it has none of its own yet, and is seen from its
            beginning on.
        half_spread_bps: put around quotes of one price.
    """
    return tuple(_in_quotes(look, candle_close, half_spread_bps))


@dataclass(frozen=True, slots=True)
class _Held:
    instrument: str
    side: Side
    opened_at: datetime
    closed_at: datetime | None = None


def _in_candles(held: _Held, candles: Candles, instrument: Instrument, half_spread_bps: Decimal) -> Excursion | None:
    """What was seen of a trade; None where it was open in none of the candles."""
    rows = rows_held(candles, held.opened_at, held.closed_at)
    if rows.start >= rows.stop:
        return None
    lowest, highest = range_met(candles, rows, held.side.opposite, instrument, half_spread_bps)
    since = max(datetime.fromtimestamp(int(candles.time[0]), tz=UTC), held.opened_at)
    until = datetime.fromtimestamp(int(candles.time[rows.stop - 1]) + candles.timeframe.seconds, tz=UTC)
    return Excursion(held.instrument, held.opened_at, lowest, highest, since, until)


def _in_quotes(look: Look, candle_close: datetime, half_spread_bps: Decimal) -> Iterator[Excursion]:
    for position, decided in _held_in(look):
        quote = look.quotes.get(position.instrument)
        if quote is None or not quote.tradable:
            continue
        widened = widen(quote, look.instruments[position.instrument], half_spread_bps)
        price, opened_at = widened.price_for(position.side.opposite), decided.opened_at
        if opened_at >= candle_close:
            yield Excursion(position.instrument, opened_at, price, price, opened_at, opened_at)
        else:
            yield Excursion(position.instrument, opened_at, price, price, None, look.at)


def _held_in(look: Look) -> Iterable[tuple[Position, Decided]]:
    """What the venue and the fills agree on to be long or short."""
    return (
        (one, look.decided[one.instrument])
        for one in look.positions
        if one.instrument in look.decided and look.decided[one.instrument].quantity * one.side.sign > 0
    )
