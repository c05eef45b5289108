"""How long positions of the desk were without a stop over all of them, by what happened at the venue. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from desk.execution.plan import is_ours
from drill.evidence import Span, Turn, VenueEvent

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Naked:
    """A time in which a position was not protected whole."""

    instrument: str
    since: datetime
    until: datetime

    @property
    def lasted(self) -> timedelta:
        """How long, in venue time."""
        return self.until - self.since

    def lasted_but_for(self, excused: Iterable[Span]) -> timedelta:
        """Return how long it lasted outside of some spans, which may overlap."""
        counted, at = timedelta(0), self.since
        for begin, end in sorted(excused):
            counted += max(timedelta(0), min(begin, self.until) - at)
            at = max(at, min(end, self.until))
        return counted + self.until - at


@dataclass(slots=True)
class _Watch:
    """One instrument as its events go by."""

    instrument: str
    position: Decimal = _ZERO
    is_foreign: bool = False
    stops: dict[int, tuple[int, Decimal]] = field(default_factory=dict)
    since: datetime | None = None
    found: list[Naked] = field(default_factory=list)

    def take(self, event: VenueEvent) -> None:
        if event.turn is Turn.FILLED:
            self._fill(event)
        elif event.turn is Turn.ENDED:
            self.stops.pop(event.number, None)
        elif event.is_stop:
            self.stops[event.number] = (event.side.sign, event.quantity)

    def _fill(self, event: VenueEvent) -> None:
        if not self.position:
            # What somebody else opened is theirs to protect.
            self.is_foreign = bool(event.client_order_id) and not is_ours(event.client_order_id)
        self.position += event.side.sign * event.quantity
        if event.number in self.stops:
            sign, left = self.stops[event.number]
            self.stops[event.number] = (sign, left - event.quantity)

    def note(self, at: datetime, tolerance: Decimal) -> None:
        """Look after everything of one moment has happened."""
        sign = 1 if self.position > 0 else -1
        covered = sum((left for side, left in self.stops.values() if side == -sign), _ZERO)
        is_naked = not self.is_foreign and abs(self.position) - covered > tolerance
        if is_naked and self.since is None:
            self.since = at
        elif not is_naked:
            self.end(at)

    def end(self, at: datetime) -> None:
        if self.since is not None and at > self.since:
            self.found.append(Naked(self.instrument, self.since, at))
        self.since = None


def naked_times(
    events: Iterable[VenueEvent], *, until: datetime, tolerances: dict[str, Decimal] | None = None
) -> tuple[Naked, ...]:
    """Return every time in which a position of the desk had no stop, or one over less than all of it.

    Args:
        events: of one account, oldest first.
        until: the end of what is looked at.
        tolerances: by instrument, how much of a position may be without a stop; 0 for the others.
    """
    watches: dict[str, _Watch] = {}
    allowed = tolerances or {}
    last: datetime | None = None
    for event in events:
        if last is not None and event.at > last:
            _note_all(watches, last, allowed)
        watches.setdefault(event.instrument, _Watch(event.instrument)).take(event)
        last = event.at
    if last is not None:
        _note_all(watches, last, allowed)
    for watch in watches.values():
        watch.end(until)
    return tuple(sorted((one for watch in watches.values() for one in watch.found), key=lambda one: one.since))


def _note_all(watches: dict[str, _Watch], at: datetime, allowed: dict[str, Decimal]) -> None:
    for name, watch in watches.items():
        watch.note(at, allowed.get(name, _ZERO))
