"""What a venue answered, as far as every venue's answers are alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from desk.errors import DeskError


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
            start = self.body[:80].decode(errors="replace")
            raise Unreadable(f"expected JSON, found {start!r} ({error})") from None

    def retry_after(self, now: datetime) -> timedelta | None:
        """Return how long the venue asks to wait, in `Retry-After` as seconds or a date; None where it does not."""
        text = self.headers.get("retry-after", "").strip()
        if not text:
            return None
        if text.replace(".", "", 1).isdigit():
            return timedelta(seconds=float(text))
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        return max(timedelta(0), (until if until.tzinfo else until.replace(tzinfo=UTC)) - now)
