"""Inputs for the contract checks: seeded markets, and whatever books and parameters Hypothesis can think of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import annotated_types
import numpy as np
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from desk.model.books import AccountState, Quote, Snapshot
from desk.model.candles import Candles, FloatArray, IntArray
from desk.model.instrument import Side
from desk.model.market import Market
from desk.model.orders import Barriers, Fill, Order, OrderState, OrderType
from desk.model.timeframe import Timeframe
from desk.model.trade import Intention, Proposal
from desk.plugin import Plugin
from tests.builders import CLOSE, INSTRUMENTS, PRICES, position, quote, snapshot

START = datetime(2026, 1, 5, tzinfo=UTC)


def sample_market(
    count: int, *, seed: int = 1, price: float = 1.1, volume: float = 100.0, longer: Sequence[Timeframe] = ()
) -> Market:
    """A M5 walk that trends, ranges, jumps and pauses over week ends, and the same in longer timeframes."""
    random = np.random.default_rng(seed)
    calm_or_wild = np.repeat(random.choice([1.0, 2.5], count // 40 + 1), 40)[:count]
    drift = np.repeat(random.normal(0, 0.6, count // 60 + 1), 60)[:count]
    steps = (random.normal(0, 1, count) + drift) * calm_or_wild * 3e-4
    close = price * np.exp(np.cumsum(steps))
    opens = np.concatenate(([price], close[:-1]))
    reach = np.abs(random.normal(0, 2e-4, (2, count))) * price
    high, low = np.maximum(opens, close) + reach[0], np.minimum(opens, close) - reach[1]
    volumes = volume * random.gamma(2, 0.5, count)
    own = Candles("EUR/USD", Timeframe.M5, open_times(count), opens, high, low, close, volumes)
    others = {timeframe: resampled(own, timeframe) for timeframe in longer}
    return Market(Timeframe.M5, {Timeframe.M5: own, **others})


def flat_market(count: int, *, price: float, noise: FloatArray, longer: Sequence[Timeframe] = ()) -> Market:
    """Prices that do not move but for `noise`, a fraction of the price."""
    close = price * (1 + noise)
    own = Candles("EUR/USD", Timeframe.M5, open_times(count), close, close, close, close, np.full(count, 100.0))
    others = {timeframe: resampled(own, timeframe) for timeframe in longer}
    return Market(Timeframe.M5, {Timeframe.M5: own, **others})


def open_times(count: int) -> IntArray:
    """M5 open times from a Monday on, five days of seven."""
    per_week = 5 * 288
    rows = np.arange(count)
    return int(START.timestamp()) + (rows % per_week + rows // per_week * 7 * 288) * 300


def resampled(candles: Candles, timeframe: Timeframe) -> Candles:
    """The candles of a longer timeframe that are closed when the last of `candles` is."""
    buckets = candles.time // timeframe.seconds
    first = np.flatnonzero(np.diff(buckets, prepend=-1))
    longer = Candles(
        candles.instrument,
        timeframe,
        buckets[first] * timeframe.seconds,
        candles.open[first],
        np.maximum.reduceat(candles.high, first),
        np.minimum.reduceat(candles.low, first),
        candles.close[np.append(first[1:], len(candles)) - 1],
        np.add.reduceat(candles.volume, first),
    )
    return longer.until(candles.closed_at)


def parameters(plugin: type[Plugin]) -> st.SearchStrategy[dict[str, Any]]:
    """Any values within the ranges that the plug-in declares; some combinations it may still refuse."""
    return st.fixed_dictionaries({name: _values(field) for name, field in plugin.model_fields.items()})


def bounds(field: FieldInfo) -> tuple[Any, Any]:
    """The lowest and the highest value that a parameter declares, None where it declares none."""
    low = high = None
    for limit in field.metadata:
        if isinstance(limit, annotated_types.Ge | annotated_types.Gt):
            low = limit.ge if isinstance(limit, annotated_types.Ge) else limit.gt
        if isinstance(limit, annotated_types.Le | annotated_types.Lt):
            high = limit.le if isinstance(limit, annotated_types.Le) else limit.lt
    return low, high


def _values(field: FieldInfo) -> st.SearchStrategy[Any]:
    low, high = bounds(field)
    excludes_low = any(isinstance(limit, annotated_types.Gt) for limit in field.metadata)
    if field.annotation is int:
        return st.integers(low + excludes_low, high)
    if field.annotation is float:
        return st.floats(low, high, exclude_min=excludes_low, allow_subnormal=False)
    if field.annotation is Decimal:
        smallest = Decimal(low) + (Decimal("0.0001") if excludes_low else 0)
        return st.decimals(smallest, high, places=4)
    if field.annotation is timedelta:
        return st.timedeltas(low + timedelta(seconds=1), high)
    raise NotImplementedError(f"no sample values for a parameter of type {field.annotation}; add them here")


_NAMES = sorted(INSTRUMENTS)
_QUANTITIES = st.decimals("0.01", "1000000", places=2)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Books with any holdings, orders and fills; quotes and rates may be missing, equity may be gone."""
    held = draw(st.dictionaries(st.sampled_from(_NAMES), _QUANTITIES, max_size=3))
    signs = draw(st.lists(st.sampled_from([1, -1]), min_size=3, max_size=3))
    positions = [
        position(name, str(quantity * sign)) for (name, quantity), sign in zip(held.items(), signs, strict=False)
    ]
    quotes = {name: draw(_quote(name)) for name in draw(st.sets(st.sampled_from(_NAMES), min_size=2))}
    equity = draw(st.decimals("-1000", "1000000", places=2))
    conversion = draw(st.sampled_from([{"JPY": Decimal("0.0066")}, {}]))
    return replace(
        snapshot(equity=str(equity), positions=positions, quotes=quotes),
        money=AccountState("USD", equity, equity, CLOSE, conversion),
        open_orders=tuple(draw(st.lists(_orders(), max_size=2))),
        recent_fills=tuple(draw(st.lists(_fills(), max_size=3))),
        pending=draw(st.dictionaries(st.sampled_from(_NAMES), _QUANTITIES, max_size=1)),
        blocked=draw(st.dictionaries(st.sampled_from(_NAMES), st.just("sd-unknown"), max_size=1)),
    )


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    name = draw(st.sampled_from(_NAMES))
    age = draw(st.timedeltas(timedelta(minutes=-5), timedelta(hours=3)))
    return proposal(name, str(draw(_QUANTITIES)), side=draw(st.sampled_from(Side)), candle_close=CLOSE - age)


def proposal(
    instrument: str = "EUR/USD", quantity: str = "1000", *, side: Side = Side.BUY, candle_close: datetime = CLOSE
) -> Proposal:
    return Proposal(
        strategy="sample",
        instrument=instrument,
        candle_close=candle_close,
        side=side,
        intention=Intention.OPEN,
        quantity=Decimal(quantity),
        reference_price=Decimal(PRICES[instrument]),
        barriers=Barriers(),
        signals=(),
    )


def fill(instrument: str = "EUR/USD", *, at: datetime = CLOSE) -> Fill:
    price = Decimal(PRICES[instrument])
    return Fill("t1", "sd-1", instrument, Side.BUY, Decimal(1), price, Decimal(0), "USD", at)


def working_order(
    instrument: str = "EUR/USD",
    quantity: str = "1000",
    *,
    side: Side = Side.BUY,
    filled: str = "0",
    reduce_only: bool = False,
) -> Order:
    return Order(
        client_order_id="sd-1",
        venue_order_id="v1",
        instrument=instrument,
        side=side,
        type=OrderType.LIMIT,
        quantity=Decimal(quantity),
        filled_quantity=Decimal(filled),
        state=OrderState.ACKED,
        at=CLOSE,
        reduce_only=reduce_only,
    )


@st.composite
def _quote(draw: st.DrawFn, name: str) -> Quote:
    age = draw(st.timedeltas(timedelta(seconds=-30), timedelta(hours=1)))
    return quote(name, at=CLOSE - age)


@st.composite
def _orders(draw: st.DrawFn) -> Order:
    name, quantity = draw(st.sampled_from(_NAMES)), draw(_QUANTITIES)
    return working_order(name, str(quantity), side=draw(st.sampled_from(Side)), reduce_only=draw(st.booleans()))


@st.composite
def _fills(draw: st.DrawFn) -> Fill:
    age = draw(st.timedeltas(timedelta(0), timedelta(hours=2)))
    return fill(draw(st.sampled_from(_NAMES)), at=CLOSE - age)
