"""Between the values of the matching engine and the rows of the paper venue's tables."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from desk.adapters.venues.paper.tables import PaperFillRow, PaperOrderRow, PaperPositionRow
from desk.matching.book import Booked, Holding, WorkingOrder
from desk.model.books import Position
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill, FillReason, Order, OrderIntent, OrderState, OrderType, TimeInForce

_MICROSECOND = timedelta(microseconds=1)


def position_row(account: str, holding: Holding) -> PaperPositionRow:
    """Return the row of an open position."""
    position, barriers = holding.position, holding.position.barriers
    return PaperPositionRow(
        account=account,
        instrument=position.instrument,
        quantity=position.quantity,
        cost=position.cost,
        opened_at=position.opened_at,
        strategy=position.strategy,
        entry_id=holding.entry_id,
        best_price=holding.best_price,
        stop=barriers.stop,
        target=barriers.target,
        trailing_distance=barriers.trailing_distance,
        time_limit_seconds=_seconds(barriers.time_limit),
    )


def holding_of(row: PaperPositionRow) -> Holding:
    """Return the open position of a row."""
    position = Position(row.instrument, row.quantity, row.cost, row.opened_at, _barriers(row), row.strategy)
    return Holding(position, row.entry_id, row.best_price)


def order_row(working: WorkingOrder) -> PaperOrderRow:
    """Return the row of an order, working or not."""
    intent, order, barriers = working.intent, working.order, working.intent.barriers
    return PaperOrderRow(
        account=intent.account,
        client_order_id=intent.client_order_id,
        venue_order_id=order.venue_order_id,
        number=int(order.venue_order_id.removeprefix("P")),
        strategy=intent.strategy,
        instrument=intent.instrument,
        candle_close=intent.candle_close,
        side=intent.side.value,
        type=intent.type.value,
        quantity=intent.quantity,
        price=intent.price,
        stop=barriers.stop,
        target=barriers.target,
        trailing_distance=barriers.trailing_distance,
        time_limit_seconds=_seconds(barriers.time_limit),
        time_in_force=intent.time_in_force.value,
        reduce_only=intent.reduce_only,
        is_triggered=working.is_triggered,
        filled_quantity=order.filled_quantity,
        state=order.state.value,
        reason=order.reason,
        at=order.at,
    )


def working_of(row: PaperOrderRow, fills: Sequence[PaperFillRow]) -> WorkingOrder:
    """Return the order of a row with its fills."""
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
        barriers=_barriers(row),
        time_in_force=TimeInForce(row.time_in_force),
        reduce_only=row.reduce_only,
    )
    return WorkingOrder(intent, _order_of(row, fills), row.is_triggered)


def fill_row(account: str, sequence: int, booked: Booked) -> PaperFillRow:
    """Return the row of a fill."""
    fill = booked.fill
    return PaperFillRow(
        account=account,
        sequence=sequence,
        venue_trade_id=fill.venue_trade_id,
        client_order_id=fill.client_order_id,
        instrument=fill.instrument,
        side=fill.side.value,
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
        fee_currency=fill.fee_currency,
        at=fill.at,
        reason=fill.reason.value,
        realised_profit=booked.realised_profit,
    )


def fill_of(row: PaperFillRow) -> Fill:
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


def _order_of(row: PaperOrderRow, fills: Sequence[PaperFillRow]) -> Order:
    return Order(
        client_order_id=row.client_order_id,
        venue_order_id=row.venue_order_id,
        instrument=row.instrument,
        side=Side(row.side),
        type=OrderType(row.type),
        quantity=row.quantity,
        filled_quantity=row.filled_quantity,
        state=OrderState(row.state),
        at=row.at,
        price=row.price,
        reason=row.reason,
        reduce_only=row.reduce_only,
        fills=tuple(fill_of(fill) for fill in fills),
    )


def _barriers(row: PaperPositionRow | PaperOrderRow) -> Barriers:
    seconds = row.time_limit_seconds
    time_limit = None if seconds is None else timedelta(microseconds=int(seconds * 1_000_000))
    return Barriers(row.stop, row.target, row.trailing_distance, time_limit)


def _seconds(duration: timedelta | None) -> Decimal | None:
    return None if duration is None else Decimal(duration // _MICROSECOND) / 1_000_000
