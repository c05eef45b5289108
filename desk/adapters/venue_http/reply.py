"""What a venue answered, as far as every venue's answers are alike."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from desk.errors import DeskError

BANNED = 418
"""The status of a reply to an address that was asked for patience and had none."""

_WHOLE = re.compile("[0-9]+")
_DIGITS = 12
_DATE = re.compile("[A-Za-z]{3}, [0-9]{2} [A-Za-z]{3} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")


class Unreadable(DeskError):
    """The body is not the JSON that was expected: half of it, or something else altogether."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that arrived whole.

    Attributes:
        headers: by lower-case name.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the HTTP status says so; a venue may still have refused in the body."""
        return 200 <= self.status < 300

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people: of what stands before the venue, such as a firewall, not of its own."""
        return self.body.lstrip().startswith(b"<")

    def json(self, *, exact: bool = True) -> Any:  # wire data has no type before the adapter's models have read it
        """Return the body.

        Args:
            exact: every number that is not whole as the Decimal that it says; a float otherwise, which is faster.

        Raises:
            Unreadable: it is not JSON.
        """
        try:
            return json.loads(self.body, parse_float=Decimal) if exact else orjson.loads(self.body)
        except ValueError as error:
            # Not the body: half of an answer may be a whole token.
            raise Unreadable(f"expected JSON, found {len(self.body):,} bytes of something else ({error})") from None

    def retry_after(self, now: datetime) -> timedelta | None:
        """Return how long the venue asks to wait, in `Retry-After` as whole seconds or as a date of HTTP.

        None where it does not, or in another way; never more than `longest_pause`.
        """
        text = self.headers.get("retry-after", "").strip()
        asked = whole_units(text, timedelta(seconds=1)) or _until(text, now)
        return None if asked is None else min(asked, longest_pause(self.status))


def longest_pause(status: int) -> timedelta:
    """Return how long a pause that is ordered with a status may be at the most.

    Venues ban for up to three days, with 418. Whatever else asks for more than minutes is a mistake, theirs or that of
    a clock, which must not keep anybody from cancelling.
    """
    return timedelta(days=3) if status == BANNED else timedelta(minutes=15)


def whole_units(text: str, unit: timedelta) -> timedelta | None:
    """Return as many units as a header says, up to a trillion; None where it says no whole number."""
    if not _WHOLE.fullmatch(text):
        return None
    return unit * int(text if len(text) <= _DIGITS else "9" * _DIGITS)


def _until(text: str, now: datetime) -> timedelta | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return max(timedelta(0), parsedate_to_datetime(text).replace(tzinfo=UTC) - now)
    except ValueError:
        return None
