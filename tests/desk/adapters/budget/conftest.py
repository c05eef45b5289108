"""A clock that moves only when somebody waits or a test says so."""

from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2026, 1, 14, 15, 20, tzinfo=UTC)


class HandClock:
    """Shows what it was moved to; waiting for seconds moves it by as many."""

    def __init__(self) -> None:
        self.at = START
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()
