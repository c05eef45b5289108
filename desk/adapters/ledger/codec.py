"""Nouns of the core to rows and back, without losing anything: decimals travel through JSON as text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter

from desk.adapters.ledger.facts import CycleSummary, OrderEvent, OrderRecord
from desk.adapters.ledger.tables import (
    CycleRow,
    FillRow,
    FindingRow,
    NoTradeRow,
    OrderEventRow,
    OrderRow,
    PositionRow,
    SignalRow,
    TradeRow,
    VerdictRow,
)
from desk.model.books import Position
from desk.model.cycle import CycleKey, CycleState, Decision, Mode
from desk.model.instrument import Side
from desk.model.orders import (
    Barriers,
    Fill,
    FillReason,
    Order,
    OrderIntent,
    OrderState,
    OrderType,
    TimeInForce,
)
from desk.model.reasons import Reason
from desk.model.records import Trade
from desk.model.trade import Finding, NoTrade, Proposal, Verdict, VerdictState
from desk.model.views import Signal

T = TypeVar("T")
Values = dict[str, object]
"""The columns of one row, by name."""

_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def to_json(kind: type[T], value: T) -> object:
    """Return a value as JSON data."""
    return _adapter(kind).dump_python(value, mode="json")


def from_json(kind: type[T], data: object) -> T:
    """Return the value that `to_json` was given."""
    return _adapter(kind).validate_python(data)


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    """Building one takes milliseconds, using it microseconds."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    adapter: TypeAdapter[T] = _ADAPTERS[kind]
    return adapter


def decision_rows(key: CycleKey, decision: Decision) -> Mapping[str, list[Values]]:
    """Return the rows below a cycle, by table name."""
    return {
        "signal": _numbered(key, map(_signal_values, decision.signals)),
        "no_trade": _numbered(key, map(_no_trade_values, decision.no_trades)),
        "verdict": _numbered(key, map(_verdict_values, decision.verdicts)),
        "finding": [
            {"verdict": position, **values}
            for position, verdict in enumerate(decision.verdicts)
            for values in _numbered(key, map(_finding_values, verdict.findings))
        ],
    }


def _numbered(key: CycleKey, rows: Iterable[Values]) -> list[Values]:
    name: Values = {"account": key.account, "candle_close": key.candle_close}
    return [{**name, "sequence": sequence, **values} for sequence, values in enumerate(rows)]


def _signal_values(signal: Signal) -> Values:
    return {
        "strategy": signal.strategy,
        "instrument": signal.instrument,
        "judged_close": signal.candle_close,
        "score": float(signal.score),
        "stop_distance": float(signal.stop_distance),
        "target_distance": float(signal.target_distance),
        "reason": signal.reason,
    }


def _no_trade_values(passed_over: NoTrade) -> Values:
    return {
        "instrument": passed_over.instrument,
        "reason": passed_over.reason.value,
        "detail": passed_over.detail,
    }


def _verdict_values(verdict: Verdict) -> Values:
    proposal = verdict.proposal
    return {
        "strategy": proposal.strategy,
        "instrument": proposal.instrument,
        "side": proposal.side.value,
        "intention": proposal.intention.value,
        "proposed_quantity": proposal.quantity,
        "reference_price": proposal.reference_price,
        "proposal": to_json(Proposal, proposal),
        "state": verdict.state.value,
        "quantity": verdict.quantity,
    }


def _finding_values(finding: Finding) -> Values:
    return {
        "rule": finding.rule,
        "allowed_quantity": finding.allowed_quantity,
        "limit": finding.limit,
        "observed": finding.observed,
        "unit": finding.unit,
        "reason": None if finding.reason is None else finding.reason.value,
        "detail": finding.detail,
    }


def signal_from(row: SignalRow) -> Signal:
    """Return the signal of a row."""
    return Signal(
        strategy=row.strategy,
        instrument=row.instrument,
        candle_close=row.judged_close,
        score=row.score,
        stop_distance=row.stop_distance,
        target_distance=row.target_distance,
        reason=row.reason,
    )


def no_trade_from(row: NoTradeRow) -> NoTrade:
    """Return the passed-over instrument of a row."""
    return NoTrade(row.instrument, Reason(row.reason), row.detail)


def verdict_from(row: VerdictRow, findings: Sequence[FindingRow]) -> Verdict:
    """Return the verdict of a row and of its findings, which are in the order in which the rules were asked."""
    proposal = from_json(Proposal, row.proposal)
    return Verdict(proposal, VerdictState(row.state), row.quantity, tuple(map(finding_from, findings)))


def finding_from(row: FindingRow) -> Finding:
    """Return the finding of a row."""
    reason = None if row.reason is None else Reason(row.reason)
    return Finding(row.rule, row.allowed_quantity, row.limit, row.observed, row.unit, reason, row.detail)


def summary_from(row: CycleRow) -> CycleSummary:
    """Return one line about the cycle of a row."""
    return CycleSummary(
        key=CycleKey(row.account, row.candle_close),
        state=CycleState(row.state),
        mode=Mode(row.mode),
        detail=row.detail,
        equity=row.equity,
        started_at=row.started_at,
        finished_at=row.finished_at,
        notified_at=row.notified_at,
        durations=from_json(dict[str, float], row.durations),
        flow_run_id=row.flow_run_id,
        config_version=row.config_version,
        code_version=row.code_version,
    )


def intent_values(intent: OrderIntent) -> Values:
    """Return the columns of an order that its intent fills."""
    return {
        "client_order_id": intent.client_order_id,
        "account": intent.account,
        "candle_close": intent.candle_close,
        "strategy": intent.strategy,
        "instrument": intent.instrument,
        "side": intent.side.value,
        "type": intent.type.value,
        "quantity": intent.quantity,
        "price": intent.price,
        "barriers": to_json(Barriers, intent.barriers),
        "time_in_force": intent.time_in_force.value,
        "reduce_only": intent.reduce_only,
    }


def record_from(row: OrderRow) -> OrderRecord:
    """Return an order with its intent."""
    intent = OrderIntent(
        client_order_id=row.client_order_id,
        account=row.account,
        strategy=row.strategy,
        instrument=row.instrument,
        candle_close=row.candle_close,
        side=Side(row.side),
        type=OrderType(row.type),
        quantity=row.quantity,
        price=row.price,
        barriers=from_json(Barriers, row.barriers),
        time_in_force=TimeInForce(row.time_in_force),
        reduce_only=row.reduce_only,
    )
    return OrderRecord(
        intent,
        OrderState(row.state),
        row.venue_order_id,
        row.filled_quantity,
        row.reason,
        row.planned_at,
        row.updated_at,
    )


def order_from(row: OrderRow, fills: Sequence[FillRow] = ()) -> Order:
    """Return an order as a venue would tell it."""
    return Order(
        client_order_id=row.client_order_id,
        venue_order_id=row.venue_order_id,
        instrument=row.instrument,
        side=Side(row.side),
        type=OrderType(row.type),
        quantity=row.quantity,
        filled_quantity=row.filled_quantity,
        state=OrderState(row.state),
        at=row.venue_at or row.updated_at,
        price=row.price,
        reason=row.reason,
        reduce_only=row.reduce_only,
        fills=tuple(map(fill_from, fills)),
    )


def event_from(row: OrderEventRow) -> OrderEvent:
    """Return the event of a row."""
    state = OrderState(row.state)
    return OrderEvent(row.client_order_id, row.sequence, state, row.filled_quantity, row.detail, row.at, row.venue_at)


def fill_values(account: str, fill: Fill) -> Values:
    """Return the columns of a fill that is not booked yet."""
    return {
        "account": account,
        "venue_trade_id": fill.venue_trade_id,
        "client_order_id": fill.client_order_id,
        "instrument": fill.instrument,
        "side": fill.side.value,
        "quantity": fill.quantity,
        "price": fill.price,
        "fee": fill.fee,
        "fee_currency": fill.fee_currency,
        "at": fill.at,
        "reason": fill.reason.value,
        "realised_profit": fill.realised_profit,
    }


def fill_from(row: FillRow) -> Fill:
    """Return the fill of a row."""
    return Fill(
        venue_trade_id=row.venue_trade_id,
        client_order_id=row.client_order_id,
        instrument=row.instrument,
        side=Side(row.side),
        quantity=row.quantity,
        price=row.price,
        fee=row.fee,
        fee_currency=row.fee_currency,
        at=row.at,
        reason=FillReason(row.reason),
        realised_profit=row.realised_profit,
    )


def position_from(row: PositionRow) -> Position:
    """Return the position of a row."""
    barriers = from_json(Barriers, row.barriers)
    return Position(row.instrument, row.quantity, row.cost, row.opened_at, barriers, row.strategy)


def trade_from(row: TradeRow) -> Trade:
    """Return the trade of a row."""
    return Trade(**{**row.model_dump(), "side": Side(row.side)})
