"""Column types that keep money and time exact on SQLite and PostgreSQL alike."""  # noqa: A005 - imported by full path only

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import JSON, DateTime, Dialect, Numeric, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine


class ExactDecimal(TypeDecorator[Decimal]):
    """A finite Decimal to the last digit: NUMERIC on PostgreSQL, TEXT on SQLite, whose own NUMERIC is a float.

    Kept in canonical form, so that equal numbers are equal texts; TEXT does not sort by value, so neither ORDER BY
    nor MAX may be asked of such a column.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Decimal] | TypeEngine[str]:
        return Numeric() if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        if value is None:
            return None
        text = canonical(value)
        return Decimal(text) if dialect.name == "postgresql" else text

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:
        if isinstance(value, Decimal):
            return Decimal(canonical(value))
        return None if value is None else Decimal(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, returned in UTC: TIMESTAMPTZ on PostgreSQL, sortable text of one width on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        return DateTime(timezone=True) if dialect.name == "postgresql" else String(27)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected an aware time, found the naive {value.isoformat()}; attach UTC to it")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else sortable(utc)

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return None if value is None else value.astimezone(UTC)


class Json(TypeDecorator[object]):
    """A JSON document; None is kept as NULL."""

    impl = JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)


def canonical(value: Decimal) -> str:
    """Return the one text of a number: no exponent, no trailing zeros, no negative zero.

    Raises:
        ValueError: the value is not a finite Decimal.
    """
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError(f"expected a finite Decimal, found {value!r}; money never passes through a float")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def sortable(utc: datetime) -> str:
    """Return a UTC time as text of one width, which sorts by time."""
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
