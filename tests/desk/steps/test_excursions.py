"""What scans and watches note of the ways of trades: the right side of the market, from the entry to the exit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from desk.execution.stops import Decided
from desk.execution.watching import Look
from desk.model.books import Position
from desk.model.candles import Candles, PriceBars
from desk.model.excursions import Excursion
from desk.model.market import Market
from desk.model.orders import Barriers
from desk.steps.excursions import excursions_in_quotes, with_excursions
from tests.builders import CLOSE, INSTRUMENTS, candles, closed_trade, position, quote, snapshot
from tests.desk.steps.fakes import FakeHistory

NAME = "EUR/USD"
FIVE = timedelta(minutes=5)
PATH = (1.10, 1.12, 1.09, 1.11)
"""Closes of the last four candles; each opens where the one before closed."""


async def seen(
    past: Candles, held: Sequence[Position] = (), *, half_spread_bps: int = 0, **known: Any
) -> tuple[Excursion, ...]:
    history = FakeHistory()
    history.held = tuple(held)
    market = Market(past.timeframe, {past.timeframe: past})
    width = Decimal(half_spread_bps)
    found = await with_excursions(snapshot(**known), {NAME: market}, history, half_spread_bps=width)
    return found.excursions


def held_since(minutes: int, quantity: str = "1000") -> Position:
    return replace(position(quantity=quantity), opened_at=CLOSE - timedelta(minutes=minutes))


def range_of(found: Sequence[Excursion]) -> list[tuple[float, float]]:
    return [(float(one.lowest), float(one.highest)) for one in found]


async def test_an_open_trade_is_seen_from_the_candle_of_its_entry_on() -> None:
    past = candles(PATH)
    (whole,), (late,) = await seen(past, [held_since(20)]), await seen(past, [held_since(5)])
    assert range_of((whole, late)) == [(1.09, 1.12), (1.09, 1.11)]
    assert (whole.since, whole.until) == (CLOSE - 4 * FIVE, CLOSE)
    assert (late.since, late.is_whole) == (CLOSE - FIVE, True)


async def test_one_that_is_older_than_the_candles_is_seen_from_the_first_of_them_on() -> None:
    (found,) = await seen(candles(PATH), [held_since(60)])
    assert (found.since, found.is_whole) == (CLOSE - 4 * FIVE, False)


async def test_one_that_is_younger_than_the_candles_is_not_seen() -> None:
    assert await seen(candles(PATH), [held_since(0)]) == ()


async def test_one_that_is_over_is_seen_until_the_candle_of_its_exit() -> None:
    over = closed_trade(opened_at=CLOSE - 4 * FIVE, closed_at=CLOSE - 3 * FIVE)
    before = closed_trade(closed_at=CLOSE - 4 * FIVE)
    (found,) = await seen(candles(PATH), closed_trades=(before, over))
    assert range_of([found]) == [(1.1, 1.1)]
    assert (found.opened_at, found.until) == (over.opened_at, CLOSE - 3 * FIVE)


@pytest.mark.parametrize(("quantity", "lowest", "highest"), [("1000", 1.08891, 1.11888), ("-1000", 1.09109, 1.12112)])
async def test_a_spread_is_put_around_prices_of_trades(quantity: str, lowest: float, highest: float) -> None:
    found = await seen(candles(PATH), [held_since(20, quantity)], half_spread_bps=10)
    assert range_of(found) == [(lowest, highest)]


@pytest.mark.parametrize(("quantity", "lowest", "highest"), [("1000", 1.08, 1.11), ("-1000", 1.1, 1.13)])
async def test_the_side_counts_on_which_a_trade_is_closed(quantity: str, lowest: float, highest: float) -> None:
    mid = candles(PATH)
    bars = PriceBars(mid.open, mid.high, mid.low, mid.close)
    low, high = (PriceBars(*(np.asarray(one) + by for one in _parts(bars))) for by in (-0.01, 0.01))
    found = await seen(replace(mid, bid=low, ask=high), [held_since(20, quantity)], half_spread_bps=10)
    assert range_of(found) == [(lowest, highest)]


def _parts(bars: PriceBars) -> tuple[Any, ...]:
    return bars.open, bars.high, bars.low, bars.close


async def test_nothing_is_said_of_what_has_no_candles_or_is_not_listed() -> None:
    assert await seen(candles(PATH), [replace(held_since(20), instrument="XAU/USD")]) == ()
    unlisted = {name: one for name, one in INSTRUMENTS.items() if name != NAME}
    assert await seen(candles(PATH), [held_since(20)], instruments=unlisted) == ()


def look(quantity: str = "1000", *, by_fills: str = "1000", **changes: Any) -> Look:
    known = Decided(NAME, Decimal(by_fills), Barriers(), CLOSE, CLOSE, Decimal(1000), Decimal("1.1"))
    values: dict[str, Any] = {
        "at": CLOSE + timedelta(minutes=1),
        "positions": (position(quantity=quantity),),
        "decided": {NAME: known},
        "quotes": {NAME: quote(NAME)},
        "instruments": INSTRUMENTS,
    }
    return Look(**{**values, **changes})


def quoted(found: Look, *, later: int = 0, half_spread_bps: int = 0) -> tuple[Excursion, ...]:
    close = CLOSE + timedelta(minutes=later)
    return excursions_in_quotes(found, close, half_spread_bps=Decimal(half_spread_bps))


def test_a_look_sees_the_price_at_which_a_position_could_be_closed() -> None:
    prices = quote(NAME)
    (long,), (short,) = quoted(look()), quoted(look("-1000", by_fills="-1000"))
    assert (long.lowest, long.highest) == (prices.bid, prices.bid)
    assert (short.lowest, short.highest) == (prices.ask, prices.ask)


def test_a_price_is_put_apart_where_there_is_but_one() -> None:
    single = {NAME: replace(quote(NAME), bid=Decimal("1.1"), ask=Decimal("1.1"))}
    assert range_of(quoted(look(quotes=single), half_spread_bps=10)) == [(1.0989, 1.0989)]


def test_a_trade_that_has_no_closed_candle_yet_is_seen_from_its_beginning_on() -> None:
    (young,), (old,) = quoted(look()), quoted(look(), later=5)
    assert (young.since, young.until) == (CLOSE, CLOSE)
    assert old.since is None


def test_where_venue_and_fills_differ_or_nothing_can_be_traded_nothing_is_seen() -> None:
    assert quoted(look("-1000")) == ()
    assert quoted(look(decided={})) == ()
    assert quoted(look(quotes={})) == ()
    assert quoted(look(quotes={NAME: quote(NAME, tradable=False)})) == ()
