"""How often somebody may call: pure, the time arrives with each call."""

from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)
_CALLERS = 10_000


class Pace:
    """A limit of calls a minute for each of many callers, whose number is bounded.

    Half of the limit may come at once, and as much flows back within a minute, evenly: so in no minute there are more
    calls than the limit. It is the generic cell rate algorithm (ITU-T I.371): of a caller only the time is kept at
    which all of its half is there again.
    """

    def __init__(self, per_minute: int, *, callers: int = _CALLERS) -> None:
        """Begin without callers.

        Args:
            per_minute: the limit of each, from 2 upwards.
            callers: how many are remembered; of more, who called longest ago begins anew.
        """
        at_once = per_minute // 2
        self._each = -(-_MINUTE // at_once)  # rounded up, or a large limit would be passed
        self._half = self._each * at_once
        self._callers = callers
        self._whole_at: dict[str, datetime] = {}

    def wait(self, caller: str, now: datetime) -> timedelta:
        """Count a call, and return 0; where that is one too many, count nothing, and return how long to wait.

        Args:
            caller: any name.
            now: aware UTC. A clock that was set back makes nobody wait longer than one that goes on.
        """
        whole_at = min(max(self._whole_at.pop(caller, now), now), now + self._half)
        wait = max(whole_at + self._each - self._half - now, timedelta(0))
        self._whole_at[caller] = whole_at if wait else whole_at + self._each
        if len(self._whole_at) > self._callers:
            del self._whole_at[next(iter(self._whole_at))]
        return wait
