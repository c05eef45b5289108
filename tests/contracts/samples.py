"""Inputs for the contract checks: whatever books and parameters Hypothesis can think of."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import annotated_types
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from desk.contracts.plugins import bounds
from desk.model.books import AccountState, Quote, Snapshot
from desk.model.costs import CostEstimate
from desk.model.instrument import InstrumentKind, Side
from desk.model.orders import Barriers, Fill, FillReason, Order, OrderState, OrderType
from desk.model.records import ClosedTrade, TrackRecord
from desk.model.surroundings import Importance
from desk.model.trade import Intention, Proposal
from desk.plugin import Plugin, TimeOfDay
from desk.registry import strategies
from desk.risk.allocation import Part
from desk.risk.session_hours import Weekday
from desk.strategies.ensemble import Member
from desk.universe.triggers import Direction, Rule, RuleSide
from tests.builders import CLOSE, INSTRUMENTS, PRICES, position, quote, snapshot
from tests.contracts.surroundings import amounts, surroundings


@cache
def parameters(plugin: type[Plugin]) -> st.SearchStrategy[dict[str, Any]]:
    """Any values within the ranges that the plug-in declares; some combinations it may still refuse."""
    return st.fixed_dictionaries({name: _values(field) for name, field in plugin.model_fields.items()})


def _values(field: FieldInfo) -> st.SearchStrategy[Any]:
    low, high = bounds(field)
    if field.annotation is str:
        return st.sampled_from(_ZONES) if field.default == "UTC" else _TIMES_OF_DAY
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
    if field.annotation == tuple[Member, ...]:
        return st.lists(_MEMBERS, min_size=low, max_size=min(high, 4))
    if field.annotation == tuple[Rule, ...]:
        return st.lists(_RULES, min_size=low, max_size=min(high, 3))
    if field.annotation == tuple[Part, ...]:
        return st.lists(_PARTS, max_size=3)
    if field.annotation in _CHOICES:
        return _CHOICES[field.annotation]
    raise NotImplementedError(f"no sample values for a parameter of type {field.annotation}; add them here")


_NAMES = sorted(INSTRUMENTS)
_MEMBERS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(sorted(set(strategies().discover()) - {"ensemble"})),
        "weight": st.floats(0.01, 1000, allow_subnormal=False),
    }
)
_PARTS = st.fixed_dictionaries(
    {
        "instruments": st.lists(st.sampled_from(_NAMES), min_size=1, max_size=3),
        "multiple": st.decimals("0.0001", "50", places=4),
    }
)
_CANDLES = st.integers(2, 60)
_TRIGGERS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("price_move"), "candles": _CANDLES, "atr": st.floats(0.1, 5)}),
    st.fixed_dictionaries({"kind": st.just("price_move"), "candles": _CANDLES, "fraction": st.floats(1e-5, 0.1)}),
    st.fixed_dictionaries({"kind": st.just("volume_surge"), "candles": _CANDLES, "multiple": st.floats(1.1, 5)}),
    st.fixed_dictionaries({"kind": st.just("new_extreme"), "candles": _CANDLES, "margin_atr": st.floats(0.01, 1)}),
)
_RULES = st.fixed_dictionaries(
    {
        "when": st.lists(_TRIGGERS, min_size=1, max_size=2),
        "direction": st.sampled_from(Direction),
        "side": st.sampled_from(RuleSide),
        "size": st.floats(0.01, 1),
        "conviction": st.floats(0.01, 1),
    }
)
_QUANTITIES = st.decimals("0.01", "1000000", places=2)
_ZONES = ["UTC", "America/New_York", "Asia/Tokyo"]
_TIMES_OF_DAY = st.times().map(lambda time: f"{time:%H:%M}")
_CHOICES: dict[object, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    Importance: st.sampled_from(Importance),
    TimeOfDay | None: st.none() | _TIMES_OF_DAY,
    tuple[Weekday, ...]: st.lists(st.sampled_from(Weekday), min_size=1, max_size=7).map(tuple),
    tuple[InstrumentKind, ...]: st.lists(st.sampled_from(InstrumentKind), min_size=1, max_size=4).map(tuple),
}

_RECORDS = st.builds(
    TrackRecord,
    trades=st.integers(100, 300),
    wins=st.integers(0, 100),
    mean_win=st.floats(0.01, 5, allow_subnormal=False),
    mean_loss=st.floats(-5, 0, allow_subnormal=False),
    deviation=st.floats(0, 5, allow_subnormal=False),
    mean_cost=st.floats(-1, 5, allow_subnormal=False),
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Books with any holdings, orders and fills; quotes and rates may be missing, equity may be gone."""
    positions = [
        replace(position(name, str(quantity * sign)), liquidation_price=draw(_LIQUIDATIONS))
        for (name, quantity), sign in zip(draw(_HELD).items(), draw(_SIGNS), strict=False)
    ]
    quotes = {name: draw(_QUOTES[name]) for name in draw(_QUOTED)}
    equity, conversion = draw(_EQUITY), draw(_CONVERSIONS)
    return replace(
        snapshot(equity=str(equity), positions=positions, quotes=quotes),
        money=AccountState("USD", equity, equity, CLOSE, conversion, margin_used=draw(_MARGINS)),
        open_orders=tuple(draw(_ORDERS)),
        recent_fills=tuple(draw(_FILLS)),
        pending=draw(_PENDING),
        blocked=draw(_BLOCKED),
        surroundings=draw(_SURROUNDINGS),
        day_start_equity=draw(_EQUITIES),
        peak_equity=draw(_EQUITIES),
        closed_trades=draw(_TRADES),
        records=draw(_TRACK_RECORDS),
    )


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    candle_close = CLOSE - draw(_AGES)
    wish = proposal(draw(_NAMED), str(draw(_QUANTITIES)), side=draw(_SIDES), candle_close=candle_close)
    price = wish.reference_price * draw(_DRIFTS)
    share = draw(_STOP_SHARES)
    stop = None if share is None else share * wish.reference_price
    fees = draw(_FEES)
    cost = None if fees is None else CostEstimate(fees, spread=fees, slippage=Decimal(0))
    return replace(wish, reference_price=price, barriers=Barriers(stop=stop), cost=cost)


def proposal(
    instrument: str = "EUR/USD",
    quantity: str = "1000",
    *,
    side: Side = Side.BUY,
    candle_close: datetime = CLOSE,
    stop: str | None = None,
) -> Proposal:
    return Proposal(
        strategy="sample",
        instrument=instrument,
        candle_close=candle_close,
        side=side,
        intention=Intention.OPEN,
        quantity=Decimal(quantity),
        reference_price=Decimal(PRICES[instrument]),
        barriers=Barriers(stop=None if stop is None else Decimal(stop)),
        signals=(),
    )


def fill(instrument: str = "EUR/USD", *, at: datetime = CLOSE) -> Fill:
    price = Decimal(PRICES[instrument])
    return Fill("t1", "sd-1", instrument, Side.BUY, Decimal(1), price, Decimal(0), "USD", at)


def closed_trade(
    instrument: str = "EUR/USD",
    profit: str = "-10",
    *,
    ago: timedelta = timedelta(minutes=10),
    opened: timedelta = timedelta(hours=3),
    side: Side = Side.BUY,
    reason: FillReason = FillReason.STOP,
    entry_value: str | None = "1000",
) -> ClosedTrade:
    """A trade that was closed `ago` before the close of the candle, and opened `opened` before it."""
    value = None if entry_value is None else Decimal(entry_value)
    return ClosedTrade(
        strategy="sample",
        instrument=instrument,
        side=side,
        opened_at=CLOSE - opened,
        closed_at=CLOSE - ago,
        profit=Decimal(profit),
        fees=Decimal(0),
        risk=None,
        reason=reason,
        entry_value=value,
    )


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
    whole = quote(name, at=CLOSE - draw(_QUOTE_AGES))
    bid = draw(_BIDS)
    return whole if bid is None else replace(whole, bid=whole.ask * bid)


@st.composite
def _orders(draw: st.DrawFn) -> Order:
    return working_order(draw(_NAMED), str(draw(_QUANTITIES)), side=draw(_SIDES), reduce_only=draw(_EITHER))


@st.composite
def _fills(draw: st.DrawFn) -> Fill:
    return fill(draw(_NAMED), at=CLOSE - draw(_FILL_AGES))


# Made once: what is made for each draw takes longer than the draw itself.
_NAMED = st.sampled_from(_NAMES)
_SIDES = st.sampled_from(Side)
_EITHER = st.booleans()
_AGES = st.timedeltas(timedelta(minutes=-5), timedelta(hours=3))
_DRIFTS = st.sampled_from([Decimal(1), Decimal("1.004"), Decimal("0.9"), Decimal(0)])
_STOP_SHARES = st.none() | st.decimals("0.5", "1.5", places=3)
_FEES = amounts("0", "5000")
_QUOTE_AGES = st.timedeltas(timedelta(seconds=-30), timedelta(hours=1))
_BIDS = st.sampled_from([*[None] * 5, Decimal(0), Decimal("NaN"), Decimal(2)])
"""Multiples of the ask; the bid as it is for most."""
_QUOTES = {name: _quote(name) for name in _NAMES}
_QUOTED = st.sets(_NAMED, min_size=2)
_FILL_AGES = st.timedeltas(timedelta(0), timedelta(hours=2))
_HELD = st.dictionaries(_NAMED, _QUANTITIES, max_size=3)
_SIGNS = st.lists(st.sampled_from([1, -1]), min_size=3, max_size=3)
_LIQUIDATIONS = amounts("0.5", "60000")
_MARGINS = amounts("0", "10000")
_EQUITY = st.decimals("-1000", "1000000", places=2)
_CONVERSIONS = st.sampled_from([{"JPY": Decimal("0.0066")}, {}])
_ORDERS = st.lists(_orders(), max_size=2)
_FILLS = st.lists(_fills(), max_size=3)
_PENDING = st.dictionaries(_NAMED, _QUANTITIES, max_size=1)
_BLOCKED = st.dictionaries(_NAMED, st.just("sd-unknown"), max_size=1)
_SURROUNDINGS = surroundings()
_TRACK_RECORDS = st.dictionaries(st.just("sample"), _RECORDS, max_size=1)
_EQUITIES = st.integers(-1, 1_000_000).map(Decimal) | st.just(Decimal("NaN"))
_TRADES = st.lists(
    st.builds(
        closed_trade,
        st.sampled_from(_NAMES),
        st.integers(-500, 500).map(str) | st.just("NaN"),
        ago=st.integers(-1, 3_000).map(lambda minutes: timedelta(minutes=minutes)),
        opened=st.integers(-1, 4_000).map(lambda minutes: timedelta(minutes=minutes)),
        side=st.sampled_from(Side),
        reason=st.sampled_from(FillReason),
        entry_value=st.none() | st.sampled_from(["0", "NaN", "250", "1000", "100000"]),
    ),
    max_size=6,
).map(lambda trades: tuple(sorted(trades, key=lambda trade: trade.closed_at)))
