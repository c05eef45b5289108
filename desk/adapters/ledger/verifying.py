"""Recomputes what the ledger's rows owe each other, and names the first row of each rule that does not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import sqlalchemy
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from desk.adapters.ledger.chain import AuditEntry, first_bad
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.repository import table_of
from desk.adapters.ledger.rules import RULES, AccountRows, CycleParts, Rule
from desk.adapters.ledger.schema import check_schema
from desk.adapters.ledger.tables import (
    AdjustmentRow,
    ArmRow,
    AuditRow,
    CycleRow,
    FillRow,
    FindingRow,
    FlatteningRow,
    NoTradeRow,
    OrderEventRow,
    OrderRow,
    PositionRow,
    SignalRow,
    TradeRow,
    TripRow,
    UniverseChoiceRow,
    VerdictRow,
)
from desk.adapters.ledger.values import unreadable_values
from desk.model.scopes import Scope

_BELOW: Mapping[str, tuple[type[SQLModel], str]] = {
    "signal": (SignalRow, "sequence"),
    "passed-over instrument": (NoTradeRow, "sequence"),
    "verdict": (VerdictRow, "sequence"),
}
"""What is numbered below a cycle, and by which column."""

_OF_ACCOUNTS = (
    CycleRow,
    OrderRow,
    FillRow,
    PositionRow,
    TradeRow,
    AdjustmentRow,
    TripRow,
    FlatteningRow,
    ArmRow,
    UniverseChoiceRow,
)
Row = TypeVar(
    "Row",
    OrderRow,
    FillRow,
    PositionRow,
    TradeRow,
    AdjustmentRow,
    TripRow,
    FlatteningRow,
    ArmRow,
    UniverseChoiceRow,
)
"""A table whose rows are one account's."""


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one rule.

    Attributes:
        checked: rows that were looked at.
        bad: how many of them break the rule.
        first: the first of those and what is wrong with it; empty where there is none.
    """

    rule: str
    checked: int = 0
    bad: int = 0
    first: str = ""


async def verify(database: Database) -> tuple[Check, ...]:
    """Check every rule, in this order: a rule whose rows cannot be read, because an earlier one is broken, is left out.

    Raises:
        LedgerError: the database cannot be read, or its schema is not this code's.
    """
    checks = await _of_the_file(database) if database.is_sqlite else ()
    if any(check.bad for check in checks):
        return checks
    await check_schema(database)
    async with database.read() as session:
        values = await (await session.connection()).run_sync(_readable)
        if values.bad:
            return *checks, values
        return *checks, values, *await _of_the_rows(session), await _of_the_audit(session)


async def _of_the_file(database: Database) -> tuple[Check, ...]:
    async with database.read() as session:
        connection = await session.connection()
        return await connection.run_sync(_integrity), await connection.run_sync(_references)


def _integrity(connection: Connection) -> Check:
    try:
        found = [str(words) for words in connection.execute(text("PRAGMA integrity_check")).scalars() if words != "ok"]
    except DatabaseError as error:
        found = [str(error.orig)]  # so broken that the check itself ends
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    return _check("pages and indexes are whole", int(pages), found)


def _references(connection: Connection) -> Check:
    rows = connection.execute(text("PRAGMA foreign_key_check")).all()
    found = [f"row {row[1]} of {row[0]}: expected its row of {row[2]}, found none" for row in rows]
    return _check("rows refer to rows that are there", len(SQLModel.metadata.tables), found)


def _readable(connection: Connection) -> Check:
    checked, found = unreadable_values(connection)
    return _check("amounts, times and documents can be read", checked, found)


def _check(rule: str, checked: int, found: Sequence[str]) -> Check:
    return Check(rule, checked, len(found), found[0] if found else "")


async def _of_the_rows(session: AsyncSession) -> tuple[Check, ...]:
    checks = [Check(rule.name) for rule in RULES]
    for account in await _accounts(session):
        rows = await _load(session, account)
        checks = _check_account(checks, rows)
        session.expunge_all()
    return tuple(checks)


def _check_account(checks: Sequence[Check], rows: AccountRows) -> list[Check]:
    first = _add(checks[0], RULES[0], rows)
    if first.bad > checks[0].bad:
        return [first, *checks[1:]]
    return [first, *(_add(check, rule, rows) for check, rule in zip(checks[1:], RULES[1:], strict=True))]


def _add(check: Check, rule: Rule, rows: AccountRows) -> Check:
    checked, found = rule.check(rows)
    first = check.first or (f"{rows.account}: {found[0]}" if found else "")
    return replace(check, checked=check.checked + checked, bad=check.bad + len(found), first=first)


async def _accounts(session: AsyncSession) -> list[str]:
    columns = (col(row.account) for row in _OF_ACCOUNTS)
    return sorted({name for column in columns for name in (await session.exec(select(column).distinct())).all()})


async def _load(session: AsyncSession, account: str) -> AccountRows:
    orders = await _of(session, OrderRow, account)
    mine = select(OrderRow.client_order_id).where(col(OrderRow.account) == account)
    events = select(OrderEventRow).where(col(OrderEventRow.client_order_id).in_(mine))
    return AccountRows(
        account=account,
        orders={row.client_order_id: row for row in orders},
        events=(await session.exec(events)).all(),
        fills=await _of(session, FillRow, account),
        positions=await _of(session, PositionRow, account),
        trades=await _of(session, TradeRow, account),
        cycles=await _cycles(session, account),
        adjustments=await _of(session, AdjustmentRow, account),
        trips=await _of(session, TripRow, account),
        flattenings=await _of(session, FlatteningRow, account),
        arms=await _of(session, ArmRow, account),
        choices=await _of(session, UniverseChoiceRow, account),
        actions=(await session.exec(_about(account))).all(),
    )


async def _of(session: AsyncSession, table: type[Row], account: str) -> Sequence[Row]:
    return (await session.exec(select(table).where(col(table.account) == account))).all()


def _about(account: str) -> SelectOfScalar[AuditRow]:
    mine = select(AuditRow).where(col(AuditRow.subject) == str(Scope(account=account)))
    return mine.order_by(col(AuditRow.sequence))


async def _of_the_audit(session: AsyncSession) -> Check:
    rows = (await session.exec(select(AuditRow).order_by(col(AuditRow.sequence)))).all()
    bad = first_bad(map(_linked, rows))
    return _check("the audit is as it was written", len(rows), [f"row {bad.sequence}: {bad.found}"] if bad else [])


def _linked(row: AuditRow) -> AuditEntry:
    """An entry as it is stored: words that the desk never writes do not fit their hash."""
    detail = row.detail if isinstance(row.detail, dict) else {"": str(row.detail)}
    return AuditEntry(row.sequence, row.at, row.who, row.action, row.subject, detail, row.previous_hash, row.hash)


async def _cycles(session: AsyncSession, account: str) -> list[CycleParts]:
    below = {name: await _numbers(session, account, *part) for name, part in _BELOW.items()}
    judged = await _numbers(session, account, FindingRow, "verdict")
    # Without the snapshots, which are most of a ledger.
    wanted = (CycleRow.candle_close, CycleRow.state, CycleRow.finished_at, CycleRow.parts)
    documents = (col(CycleRow.proposals), col(CycleRow.intents))
    query = sqlalchemy.select(*map(col, wanted), *documents).where(col(CycleRow.account) == account)
    rows = (await (await session.connection()).execute(query.order_by(col(CycleRow.candle_close)))).all()
    return [
        CycleParts(
            candle_close=close,
            state=state,
            finished_at=finished_at,
            hash=parts,
            proposals=len(proposals),
            intents=tuple(intent["client_order_id"] for intent in intents),
            numbers={name: numbers.get(close, []) for name, numbers in below.items()},
            judged=judged.get(close, []),
        )
        for close, state, finished_at, parts, proposals, intents in rows
    ]


async def _numbers(session: AsyncSession, account: str, row: type[SQLModel], column: str) -> dict[datetime, list[int]]:
    table = table_of(row)
    query = sqlalchemy.select(table.c.candle_close, table.c[column]).where(table.c.account == account).distinct()
    numbers: dict[datetime, list[int]] = {}
    for candle_close, number in (await (await session.connection()).execute(query)).all():
        numbers.setdefault(candle_close, []).append(number)
    return numbers
