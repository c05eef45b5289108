"""What all models of replies share: exact decimals from texts that may be empty, and aware times in UTC."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict


class Wire(BaseModel):
    """A part of a reply; fields that are not named are not used."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _zero_if_empty(value: object) -> object:
    return "0" if value is None or value == "" else value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Amount: TypeAlias = Annotated[Decimal, BeforeValidator(_zero_if_empty)]
"""A number that is 0 where the venue leaves it empty."""

Price: TypeAlias = Annotated[Decimal | None, BeforeValidator(_none_if_empty)]
"""A number that may be missing."""

Text: TypeAlias = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
"""A text that is empty where the venue sends null."""

Time: TypeAlias = Annotated[AwareDatetime, AfterValidator(_in_utc)]
MaybeTime: TypeAlias = Annotated[Time | None, BeforeValidator(_none_if_empty)]


class Page(Wire):
    """A part of a list; the cursor of the last one is empty."""

    cursor: Text = ""


class Money(Wire):
    """An amount of a currency."""

    value: Amount = Decimal(0)
    currency: Text = ""
