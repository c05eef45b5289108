"""The venue's own count of our calls, and the silence that it orders: nothing leaves this machine during a ban."""

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from desk.adapters.clocks import SystemClock
from desk.adapters.venue_http.reply import BANNED, longest_pause, whole_units
from desk.ports import Clock

SHORTEST_BAN = timedelta(minutes=2)
"""How long a ban lasts at least; each one after the first is longer, up to three days."""
_NUMBER = re.compile("[0-9]{1,9}")
_UNTIL = re.compile(rb"banned until (\d{13})")


@dataclass(slots=True)
class CallLimits:
    """What the venue counted, from this machine's address and for the account, as of the last reply.

    The ban concerns the address: everything that calls the venue from here should share one of these.

    Attributes:
        used_weight: of the current minute, of 2400.
        orders_sent: in the current minute, of 1200; only replies to orders tell it.
        banned_since, banned_until: beginning and end of the last ban, None where there was none.
    """

    clock: Clock = field(default_factory=SystemClock)
    used_weight: int = 0
    orders_sent: int = 0
    banned_since: datetime | None = None
    banned_until: datetime | None = None

    def ban_left(self) -> timedelta:
        """Return how long nothing may be sent; zero where calls are allowed."""
        now = self.clock.now()
        # One that begins later than now is from before the clock was set back, and nobody knows its end.
        if self.banned_since is None or self.banned_until is None or now < self.banned_since:
            return timedelta(0)
        return max(timedelta(0), self.banned_until - now)

    def count(self, headers: httpx.Headers) -> None:
        """Take over the venue's counters."""
        self.used_weight = _number(headers, "X-MBX-USED-WEIGHT-1M", self.used_weight)
        self.orders_sent = _number(headers, "X-MBX-ORDER-COUNT-1M", self.orders_sent)

    def ban(self, headers: httpx.Headers, body: bytes) -> None:
        """Note a ban, whose end the venue tells in a header, in its words, or not at all."""
        now, told = self.clock.now(), _UNTIL.search(body)
        end = datetime.fromtimestamp(int(told[1]) / 1000, tz=UTC) if told else None
        pause = end - now if end else whole_units(headers.get("Retry-After", ""), timedelta(seconds=1)) or SHORTEST_BAN
        left = max(self.ban_left(), min(pause, longest_pause(BANNED)))
        self.banned_since, self.banned_until = now, now + left


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends requests unless there is a ban, and reads the counters of each reply.

    During a ban it answers in the venue's place, with its status and with the time that is left.

    Args:
        is_metered: a meter in front of it keeps bans, for every process and until an operator lifts them.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, limits: CallLimits, *, is_metered: bool = False) -> None:
        self._transport = transport
        self._limits = limits
        self._is_metered = is_metered

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, or refuse it."""
        if self._limits.ban_left() and not self._is_metered:
            return httpx.Response(BANNED, headers=self._patience(), json=_NOT_SENT)
        response = await self._transport.handle_async_request(request)
        self._limits.count(response.headers)
        if response.status_code == BANNED:
            self._limits.ban(response.headers, await response.aread())
            response.headers.update(self._patience())
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def _patience(self) -> dict[str, str]:
        return {"Retry-After": str(math.ceil(self._limits.ban_left().total_seconds()))}


_NOT_SENT = {"code": -1003, "msg": "the venue has banned this address; the request was not sent"}


def _number(headers: httpx.Headers, name: str, otherwise: int) -> int:
    text = headers.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else otherwise
