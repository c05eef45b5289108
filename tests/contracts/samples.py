"""Inputs for the contract checks: whatever books and parameters Hypothesis can think of."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import annotated_types
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from desk.contracts.plugins import bounds
from desk.model.books import AccountState, Quote, Snapshot
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill, Order, OrderState, OrderType
from desk.model.trade import Intention, Proposal
from desk.plugin import Plugin
from desk.registry import strategies
from desk.strategies.ensemble import Member
from tests.builders import CLOSE, INSTRUMENTS, PRICES, position, quote, snapshot


def parameters(plugin: type[Plugin]) -> st.SearchStrategy[dict[str, Any]]:
    """Any values within the ranges that the plug-in declares; some combinations it may still refuse."""
    return st.fixed_dictionaries({name: _values(field) for name, field in plugin.model_fields.items()})


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
    if field.annotation == tuple[Member, ...]:
        return st.lists(_MEMBERS, min_size=low, max_size=min(high, 4))
    raise NotImplementedError(f"no sample values for a parameter of type {field.annotation}; add them here")


_NAMES = sorted(INSTRUMENTS)
_MEMBERS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(sorted(set(strategies().discover()) - {"ensemble"})),
        "weight": st.floats(0.01, 1000, allow_subnormal=False),
    }
)
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
