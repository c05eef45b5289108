"""How OANDA spells things: names of fields, numbers as strings, times with nine decimals."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

_CAPITALS = re.compile(r"(?<=[a-z])(Id|Pl)(?=s?$)")


def wire_name(name: str) -> str:
    """Return OANDA's name of a field: `last_transaction_id` is `lastTransactionID`, `unrealized_pl` `unrealizedPL`."""
    return _CAPITALS.sub(lambda found: found[0].upper(), to_camel(name))


class WireModel(BaseModel):
    """A part of a reply, as far as it is used; what OANDA adds is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=wire_name, populate_by_name=True)


class AccountReply(WireModel):
    """What every reply about an account has.

    Attributes:
        last_transaction_id: the newest transaction that the reply knows of.
    """

    last_transaction_id: int


def read_time(text: object) -> datetime:
    """Return an RFC 3339 time as aware UTC; what is finer than a microsecond is cut off.

    Raises:
        ValueError: it is no such time, or has no zone.
    """
    if not isinstance(text, str):
        raise ValueError(f"expected an RFC 3339 time, found {type(text).__name__}")
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"expected a time with a zone, found {text!r}")
    return at.astimezone(UTC)


Time = Annotated[datetime, BeforeValidator(read_time)]
Price = Annotated[Decimal, Field(gt=0)]


class ClientExtensions(WireModel):
    """What a client wrote on an order or a trade."""

    id: str = ""
    tag: str = ""
