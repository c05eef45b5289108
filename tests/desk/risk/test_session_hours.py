from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.errors import ConfigError
from desk.model.reasons import Reason
from desk.registry import risk_rules
from tests.builders import snapshot
from tests.contracts.samples import proposal

ALWAYS = {"after_open": timedelta(0), "before_close": timedelta(0)}


def review(at, instrument="EUR/USD", **limits):
    rule = risk_rules().build("session_hours", {**ALWAYS, **limits})
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return rule.review(proposal(instrument), snapshot(at=now))


def passes(at, instrument="EUR/USD", **limits):
    return review(at, instrument, **limits).reason is None


@pytest.mark.parametrize(
    ("at", "allowed"), [("07:59", False), ("08:00", True), ("16:59", True), ("17:00", False), ("23:00", False)]
)
def test_trades_are_opened_from_the_start_on_and_before_the_end(at, allowed):
    assert passes(f"2026-01-14T{at}", start="08:00", end="17:00") == allowed


def test_hours_move_with_the_daylight_saving_time_of_their_zone():
    limits = {"zone": "Europe/London", "start": "08:00", "end": "17:00"}
    assert not passes("2026-01-14T07:30", **limits)
    assert passes("2026-07-15T07:30", **limits)


def test_days_are_those_of_the_zone():
    assert review("2026-01-14T20:00", zone="Asia/Tokyo", days=["wednesday"]).reason is Reason.SESSION_HOURS
    assert passes("2026-01-14T20:00", zone="Asia/Tokyo", days=["thursday"])


@pytest.mark.parametrize(
    ("at", "allowed"),
    [("2026-01-14T21:59", False), ("2026-01-14T22:00", True), ("2026-01-15T05:59", True), ("2026-01-15T06:00", False),
     ("2026-01-15T22:00", False)],
)  # fmt: skip
def test_hours_over_midnight_belong_to_the_day_on_which_they_began(at, allowed):
    assert passes(at, start="22:00", end="06:00", days=["wednesday"]) == allowed


def test_hours_hold_for_the_kinds_that_are_named():
    night = {"start": "08:00", "end": "17:00", "kinds": ["fx", "metal"]}
    assert not passes("2026-01-14T20:00", "XAU/USD", **night)
    assert passes("2026-01-14T20:00", "BTC/USD", **night)


# New York is five hours behind UTC in January: currencies pause from 21:58 to 22:03, metals until 23:03.
@pytest.mark.parametrize(
    ("at", "instrument", "allowed"),
    [
        ("2026-01-14T22:10", "EUR/USD", False),
        ("2026-01-14T22:18", "EUR/USD", True),
        ("2026-01-14T22:18", "XAU/USD", False),
        ("2026-01-14T23:18", "XAU/USD", True),
        ("2026-01-18T22:10", "EUR/USD", False),
        ("2026-01-14T22:10", "BTC/USD", True),
        ("2026-01-17T12:00", "EUR/USD", False),
    ],
)
def test_nothing_is_opened_for_a_while_after_the_market_opened(at, instrument, allowed):
    assert passes(at, instrument, after_open=timedelta(minutes=15)) == allowed


def test_the_finding_counts_full_minutes_since_the_open():
    finding = review("2026-01-14T22:10", after_open=timedelta(minutes=15))
    assert (finding.limit, finding.observed, finding.unit) == (15, 7, "minutes since the open")


@pytest.mark.parametrize(
    ("at", "instrument", "allowed"),
    [
        ("2026-01-16T20:57", "EUR/USD", True),
        ("2026-01-16T20:58", "EUR/USD", False),
        ("2026-01-16T21:57", "XAU/USD", False),
        ("2026-01-14T21:30", "EUR/USD", True),
        ("2026-01-14T21:30", "XAU/USD", True),
        ("2026-01-16T21:30", "BTC/USD", True),
    ],
)
def test_nothing_is_opened_before_the_close_of_the_week_but_before_a_daily_pause(at, instrument, allowed):
    assert passes(at, instrument, before_close=timedelta(hours=1)) == allowed


def test_the_close_of_the_week_moves_with_new_york():
    assert passes("2026-07-17T19:57", before_close=timedelta(hours=1))
    assert not passes("2026-07-17T19:58", before_close=timedelta(hours=1))


def test_the_finding_counts_full_minutes_to_the_close():
    finding = review("2026-01-16T21:30", before_close=timedelta(hours=1))
    assert (finding.limit, finding.observed, finding.unit) == (60, 27, "minutes to the close of the week")


def test_where_it_passes_it_shows_the_hour():
    finding = review("2026-01-14T09:15", start="08:00", end="17:30")
    assert (finding.limit, finding.observed) == (Decimal("17.5"), Decimal("9.25"))


@pytest.mark.parametrize(
    ("limits", "detail"),
    [
        ({"start": "07:00", "end": "15:00"}, "Wednesday 16:00 UTC, allowed 07:00 to 15:00"),
        ({"start": "16:00", "end": "17:30"}, "Wednesday 16:00 UTC, allowed 16:00 to 17:30"),
        ({}, "Wednesday 16:00 UTC, allowed at any time"),
        ({"zone": "Asia/Tokyo", "days": ["monday", "friday"]},
         "Thursday 01:00 Asia/Tokyo, allowed at any time on Monday, Friday"),
        ({"start": "07:00", "end": "15:00", "kinds": ["spot"]}, "Wednesday 16:00 UTC, which has no hours for fx"),
    ],
)  # fmt: skip
def test_the_finding_says_the_time_and_which_times_are_allowed(limits, detail):
    assert review("2026-01-14T16:00", **limits).detail == detail


def test_an_unknown_zone_is_refused():
    with pytest.raises(ConfigError, match="zone: expected an IANA time zone such as Europe/London, found 'Mars/Base'"):
        risk_rules().build("session_hours", {"zone": "Mars/Base"})
