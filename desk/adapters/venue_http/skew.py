"""How far the machine's clock is from a venue's, for signatures that carry a time."""

from datetime import datetime, timedelta

from desk.ports import Clock


class ClockSkew:
    """Measures a venue's clock and tells its time from ours.

    A venue's answer was written at some moment between sending and receiving, so that half of the way there and back is
    how far a measure can be wrong. The most precise one counts until it is too old.

    Args:
        clock: ours; `sent` and `received` are read from it.
        keep_for: how long a measure counts.

    Attributes:
        offset: to be added to our time, positive where the venue's clock is ahead; zero before the first measure.
    """

    def __init__(self, clock: Clock, *, keep_for: timedelta = timedelta(minutes=10)) -> None:
        self.clock = clock
        self.offset = timedelta(0)
        self._keep_for = keep_for
        self._precision = timedelta.max
        self._measured: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Whether there is no measure, or only one that is too old."""
        return self._measured is None or not self._is_kept(self.clock.now())

    def observe(self, venue_time: datetime, sent: datetime, received: datetime) -> None:
        """Take in that the venue's clock showed `venue_time` between `sent` and `received` of ours."""
        assert received >= sent, f"expected an answer after the question, found {sent} and {received}"
        precision = (received - sent) / 2
        if self._is_kept(received) and precision > self._precision:
            return
        self.offset = venue_time - (sent + precision)
        self._precision = precision
        self._measured = received

    def forget(self) -> None:
        """Call the measure too old, because the venue did not accept a time that was made from it."""
        self._measured = None

    def now(self) -> datetime:
        """Return the venue's time, aware UTC."""
        return self.clock.now() + self.offset

    def _is_kept(self, at: datetime) -> bool:
        # A machine whose own clock was set back has no use for what was measured before.
        return self._measured is not None and timedelta(0) <= at - self._measured < self._keep_for
