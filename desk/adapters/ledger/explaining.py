"""Answers why: everything that is known of one cycle, from its signals to what became of its orders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.codec import (
    event_from,
    fill_from,
    from_json,
    no_trade_from,
    record_from,
    signal_from,
    summary_from,
    trade_from,
    verdict_from,
)
from desk.adapters.ledger.facts import Explanation, OrderEvent, OrderRecord
from desk.adapters.ledger.orders import fill_order
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import (
    CycleRow,
    FillRow,
    FindingRow,
    NoTradeRow,
    OrderEventRow,
    OrderRow,
    SignalRow,
    TradeRow,
    VerdictRow,
)
from desk.model.books import Snapshot
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Decision, Mode
from desk.model.orders import Order, OrderIntent
from desk.model.records import Trade
from desk.model.trade import Proposal

Part = TypeVar("Part", SignalRow, NoTradeRow, VerdictRow, FindingRow)


class Explaining(Repository):
    """The full record of a cycle, and what came after it."""

    async def cycle(self, key: CycleKey) -> CycleRecord | None:
        """Return a cycle as it was recorded, or None where there is none."""
        async with self.database.read() as session:
            row = await session.get(CycleRow, (key.account, key.candle_close))
            return None if row is None else await _record(session, row)

    async def why(self, account: str, instrument: str | None = None, at: datetime | None = None) -> Explanation | None:
        """Return everything about the last cycle at or before `at`, or None where there is none.

        Args:
            account: whose cycle.
            instrument: leaves out what does not concern it, and cycles that did not look at it.
            at: a candle close or any time after it; None for the newest cycle.
        """
        async with self.database.read() as session:
            row = await _cycle_to_explain(session, account, instrument, at)
            return None if row is None else await _explain(session, row, instrument)

    async def order_events(self, client_order_id: str) -> tuple[OrderEvent, ...]:
        """Return everything that became known of an order, in that order."""
        async with self.database.read() as session:
            return await _events(session, [client_order_id])


async def _record(session: AsyncSession, row: CycleRow) -> CycleRecord:
    findings = await _parts(session, FindingRow, row)
    verdicts = await _parts(session, VerdictRow, row)
    decision = Decision(
        signals=tuple(map(signal_from, await _parts(session, SignalRow, row))),
        no_trades=tuple(map(no_trade_from, await _parts(session, NoTradeRow, row))),
        proposals=from_json(tuple[Proposal, ...], row.proposals),
        verdicts=tuple(
            verdict_from(verdict, [finding for finding in findings if finding.verdict == verdict.sequence])
            for verdict in verdicts
        ),
        intents=from_json(tuple[OrderIntent, ...], row.intents),
    )
    # Closed trades are not kept with it; what JSON has instead of none is a list.
    snapshot = None if row.snapshot is None else replace(from_json(Snapshot, row.snapshot), closed_trades=())
    return CycleRecord(
        key=CycleKey(row.account, row.candle_close),
        state=CycleState(row.state),
        mode=Mode(row.mode),
        decision=decision,
        snapshot=snapshot,
        orders=from_json(tuple[Order, ...], row.orders),
        detail=row.detail,
        durations=from_json(dict[str, float], row.durations),
        config_version=row.config_version,
        code_version=row.code_version,
    )


async def _parts(session: AsyncSession, part: type[Part], row: CycleRow) -> Sequence[Part]:
    mine = (col(part.account) == row.account) & (col(part.candle_close) == row.candle_close)
    return (await session.exec(select(part).where(mine).order_by(col(part.sequence)))).all()


async def _cycle_to_explain(
    session: AsyncSession, account: str, instrument: str | None, at: datetime | None
) -> CycleRow | None:
    wanted = [col(CycleRow.account) == account]
    if at is not None:
        wanted.append(col(CycleRow.candle_close) <= at)
    if instrument is not None:
        wanted.append(_looked_at(instrument))
    newest = select(CycleRow).where(*wanted).order_by(col(CycleRow.candle_close).desc()).limit(1)
    return (await session.exec(newest)).first()


def _looked_at(instrument: str) -> ColumnElement[bool]:
    def has(part: type[NoTradeRow] | type[VerdictRow]) -> ColumnElement[bool]:
        same = (col(part.account) == col(CycleRow.account)) & (col(part.candle_close) == col(CycleRow.candle_close))
        return select(part.sequence).where(same, col(part.instrument) == instrument).exists()

    return has(NoTradeRow) | has(VerdictRow)


async def _explain(session: AsyncSession, row: CycleRow, instrument: str | None) -> Explanation:
    orders = await _orders_of_cycle(session, row, instrument)
    names = [order.intent.client_order_id for order in orders]
    trades = await _trades_of(session, row.account, names)
    fills = await _fills_of(session, row.account, names)
    return Explanation(
        summary=summary_from(row),
        record=_narrow(await _record(session, row), instrument),
        orders=orders,
        events=await _events(session, names),
        fills=tuple(map(fill_from, fills)),
        trades=trades,
        unconverted=tuple(
            fill.venue_trade_id for fill in fills if fill.booked_at is not None and None in (fill.rate, fill.fee_rate)
        ),
    )


def _narrow(record: CycleRecord, instrument: str | None) -> CycleRecord:
    if instrument is None:
        return record
    decision = record.decision
    return replace(
        record,
        decision=Decision(
            signals=tuple(signal for signal in decision.signals if signal.instrument == instrument),
            no_trades=tuple(passed for passed in decision.no_trades if passed.instrument == instrument),
            proposals=tuple(proposal for proposal in decision.proposals if proposal.instrument == instrument),
            verdicts=tuple(verdict for verdict in decision.verdicts if verdict.proposal.instrument == instrument),
            intents=tuple(intent for intent in decision.intents if intent.instrument == instrument),
        ),
        orders=tuple(order for order in record.orders if order.instrument == instrument),
    )


async def _orders_of_cycle(session: AsyncSession, cycle: CycleRow, instrument: str | None) -> tuple[OrderRecord, ...]:
    mine = (col(OrderRow.account) == cycle.account) & (col(OrderRow.candle_close) == cycle.candle_close)
    if instrument is not None:
        mine &= col(OrderRow.instrument) == instrument
    rows = (await session.exec(select(OrderRow).where(mine).order_by(col(OrderRow.client_order_id)))).all()
    return tuple(map(record_from, rows))


async def _events(session: AsyncSession, names: Sequence[str]) -> tuple[OrderEvent, ...]:
    wanted = select(OrderEventRow).where(col(OrderEventRow.client_order_id).in_(names))
    ordered = wanted.order_by(col(OrderEventRow.client_order_id), col(OrderEventRow.sequence))
    return tuple(map(event_from, (await session.exec(ordered)).all()))


async def _fills_of(session: AsyncSession, account: str, names: Sequence[str]) -> Sequence[FillRow]:
    mine = (col(FillRow.account) == account) & col(FillRow.client_order_id).in_(names)
    return sorted((await session.exec(select(FillRow).where(mine))).all(), key=fill_order)


async def _trades_of(session: AsyncSession, account: str, names: Sequence[str]) -> tuple[Trade, ...]:
    mine = (col(TradeRow.account) == account) & col(TradeRow.entry_order_id).in_(names)
    rows = (await session.exec(select(TradeRow).where(mine).order_by(col(TradeRow.opened_at)))).all()
    return tuple(map(trade_from, rows))
