from dataclasses import replace
from decimal import Decimal

import pytest

from console.services.telling import amount, tell_finding
from desk.model.reasons import Reason
from desk.model.trade import HOUR_OF_DAY, TRADING_STATE, Finding
from desk.steps.report import describe_finding

EXPOSURE = Finding("total_exposure", Decimal(0), Decimal(10_000), Decimal(12_000), "USD", Reason.TOTAL_EXPOSURE)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("0", "0"), ("100", "100"), ("1E+5", "100,000"), ("1234.5678", "1,234.57"), ("-1234.5", "-1,234.5"),
        ("999.123456789", "999.12345679"), ("0.10", "0.1"),
    ],
)  # fmt: skip
def test_an_amount_has_no_zeros_at_its_end_and_a_large_one_two_places(value, told):
    assert amount(Decimal(value)) == told


@pytest.mark.parametrize(
    ("observed", "told"),
    [
        ("12000", "observed 12,000, limit 10,000 USD; allows 0"),
        ("10000.004", "observed 10,000.004, limit 10,000 USD; allows 0"),
        ("10000", "observed 10,000, limit 10,000 USD; allows 0"),
        ("10000.00000000000000000000001", "observed 10,000.00000000000000000000001, limit 10,000 USD; allows 0"),
    ],
)
def test_what_was_observed_looks_like_the_limit_only_where_it_is_the_same(observed, told):
    assert tell_finding(replace(EXPOSURE, observed=Decimal(observed))) == told


HOURS = Finding(
    "session_hours", Decimal(0), Decimal(7), Decimal(16), HOUR_OF_DAY, Reason.SESSION_HOURS,
    "Wednesday 16:00 UTC, allowed 07:00 to 15:00",
)  # fmt: skip
STATE = Finding(TRADING_STATE, Decimal(1000), Decimal(1000), Decimal(1000), "base units")
HALT = replace(STATE, allowed_quantity=Decimal(0), observed=Decimal(0), reason=Reason.TRADING_HALTED)


@pytest.mark.parametrize(
    ("finding", "told"),
    [
        (HOURS, "Wednesday 16:00 UTC, allowed 07:00 to 15:00; allows 0"),
        (replace(HOURS, reason=None), "Wednesday 16:00 UTC, allowed 07:00 to 15:00"),
        (STATE, "nothing is halted or restricted"),
        (replace(HALT, detail="fleet is halted: news"), "fleet is halted: news; allows 0"),
        (replace(EXPOSURE, observed=Decimal(0), reason=Reason.NOT_KNOWN, detail="found none"), "found none; allows 0"),
        (replace(EXPOSURE, reason=Reason.STALE_DATA, detail="an age"),
         "observed 12,000, limit 10,000 USD; allows 0; an age"),
        (replace(HOURS, detail=""), "observed 16, limit 7 hour of the day; allows 0"),
        (replace(EXPOSURE, detail="tier majors"), "observed 12,000, limit 10,000 USD; allows 0; tier majors"),
    ],
)  # fmt: skip
def test_a_finding_whose_figures_are_no_comparison_is_told_in_words(finding, told):
    assert tell_finding(finding) == told


def test_the_page_of_a_run_says_the_same_words():
    told = "SESSION_HOURS (session_hours: Wednesday 16:00 UTC, allowed 07:00 to 15:00)"
    assert describe_finding(HOURS) == told
    assert describe_finding(STATE) == "passed (trading_state: nothing is halted or restricted)"
