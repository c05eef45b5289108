"""Columns: money to the last digit, times in UTC, whatever the engine."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, String, Table, func, insert, select
from sqlalchemy.schema import CreateTable

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.types import ExactDecimal, Json, UtcTime, canonical
from desk.errors import LedgerError

VALUES = Table(
    "values_kept",
    MetaData(),
    Column("name", String, primary_key=True),
    Column("money", ExactDecimal),
    Column("time", UtcTime),
    Column("document", Json),
)
AROUND = datetime(1999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=5)))
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False).filter(lambda value: abs(value.adjusted()) < 400)
TIMES = st.integers(-(10**15), 10**16).map(lambda microseconds: AROUND + timedelta(microseconds=microseconds))


@pytest.fixture
async def kept(database: Database) -> Database:
    async with database.write() as session:
        await (await session.connection()).execute(CreateTable(VALUES))
    return database


async def _round_trip(database: Database, **values: object) -> tuple[object, ...]:
    async with database.write() as session:
        connection = await session.connection()
        await connection.execute(VALUES.delete())
        await connection.execute(insert(VALUES).values(name="x", **values))
    async with database.read() as session:
        found = (await (await session.connection()).execute(select(VALUES))).one()
    return tuple(found)[1:]


@given(DECIMALS)
def test_canonical_text_is_the_number_without_exponent_or_idle_zeros(value: Decimal) -> None:
    text = canonical(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert text != "-0"
    assert "." not in text or text[-1] not in "0."


@given(DECIMALS, st.integers(0, 30))
def test_equal_numbers_have_equal_texts(value: Decimal, zeros: int) -> None:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    assert canonical(Decimal((sign, digits + (0,) * zeros, exponent - zeros))) == canonical(value)


@pytest.mark.parametrize("value", [1.5, 1, "1", Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_what_is_not_a_finite_decimal_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected a finite Decimal"):
        canonical(value)  # type: ignore[arg-type]


async def test_money_comes_back_to_the_last_digit(kept: Database) -> None:
    with localcontext(prec=60):
        values = [
            Decimal(1) / 3,
            Decimal("0.1") + Decimal("0.2"),
            Decimal("1E+20"),
            Decimal("-1E-30"),
            Decimal("-0.00"),
        ]
    for value in values:
        money, *_ = await _round_trip(kept, money=value)
        assert money == value
        assert format(money, "f") == canonical(value)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DECIMALS, TIMES), min_size=20, max_size=40))
def test_any_money_and_time_survive_the_database(kept: Database, values: list[tuple[Decimal, datetime]]) -> None:
    async def round_trips() -> list[tuple[object, ...]]:
        database = Database.open(kept.url.render_as_string(hide_password=False))  # one event loop, one database
        try:
            return [await _round_trip(database, money=money, time=time) for money, time in values]
        finally:
            await database.close()

    assert [found[:2] for found in asyncio.run(round_trips())] == values


async def test_times_come_back_aware_and_in_utc(kept: Database) -> None:
    local = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    _, time, _ = await _round_trip(kept, time=local)
    assert time == local
    assert isinstance(time, datetime)
    assert time.utcoffset() == timedelta(0)


async def test_times_sort_by_time_in_the_database(kept: Database) -> None:
    times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=step) for step in (0, 1, 999_999, 1_000_000)]
    async with kept.write() as session:
        rows = [{"name": str(place), "time": time} for place, time in enumerate(times)]
        await (await session.connection()).execute(insert(VALUES), list(reversed(rows)))
    async with kept.read() as session:
        connection = await session.connection()
        ordered = (await connection.execute(select(VALUES.c.time).order_by(VALUES.c.time))).scalars().all()
        newest = (await connection.execute(select(func.max(VALUES.c.time)))).scalar_one()
    assert list(ordered) == times
    assert newest == times[-1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"money": 0.1}, "expected a finite Decimal, found 0.1"),
        ({"money": Decimal("NaN")}, "expected a finite Decimal"),
        ({"time": datetime(2026, 1, 1)}, "expected an aware time"),  # noqa: DTZ001
    ],
)
async def test_the_database_refuses_floats_nan_and_naive_times(
    kept: Database, values: dict[str, object], message: str
) -> None:
    with pytest.raises(LedgerError, match=message):
        await _round_trip(kept, **values)


async def test_nothing_stays_nothing(kept: Database) -> None:
    assert await _round_trip(kept, money=None, time=None, document=None) == (None, None, None)


async def test_documents_keep_their_values(kept: Database) -> None:
    document = {"fraction": 0.1 + 0.2, "names": ["a", None], "exact": "0.1"}
    assert (await _round_trip(kept, document=document))[2] == document
