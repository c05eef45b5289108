"""Looks at amounts, times and documents as they are stored, before any of them is taken for what it should be."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

import orjson
from sqlalchemy import Column, Connection, Table, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import SQLModel

from desk.adapters.ledger.types import ExactDecimal, Json, UtcTime, canonical, sortable

_KINDS = (ExactDecimal, UtcTime, Json)


def unreadable_values(connection: Connection) -> tuple[int, list[str]]:
    """Return how many values were looked at, and what is wrong with those that are not as the ledger writes them."""
    checked, found = 0, []
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, _KINDS):
                count, wrong = _of_column(connection, table, column)
                checked += count
                found += wrong
    return checked, found


def _of_column(connection: Connection, table: Table, column: Column[object]) -> tuple[int, list[str]]:
    """Look at the values of a column, past its type."""
    raw = [type_coerce(each, NullType()) for each in (column, *table.primary_key.columns)]
    checked, found = 0, []
    for value, *key in connection.execute(select(*raw).where(column.is_not(None))):
        checked += 1
        expected = _expected(column, value)
        if expected:
            found.append(f"{table.name} {' '.join(map(str, key))}, {column.name}: expected {expected}, found {value!r}")
    return checked, found


def _expected(column: Column[object], value: object) -> str:
    """What a value should have been; empty where it is that."""
    if isinstance(column.type, ExactDecimal):
        return "" if _is_amount(value) else "a finite amount in its shortest form"
    if isinstance(column.type, UtcTime):
        return "" if _is_time(value) else "a time in UTC"
    return "" if _is_document(value) else "a JSON document"


def _is_amount(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    try:
        return isinstance(value, str) and canonical(Decimal(value)) == value
    except (InvalidOperation, ValueError):
        return False


def _is_time(value: object) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is not None
    try:
        return isinstance(value, str) and sortable(datetime.fromisoformat(value)) == value
    except ValueError:
        return False


def _is_document(value: object) -> bool:
    if not isinstance(value, str | bytes):
        return True  # PostgreSQL has read it already
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return True
