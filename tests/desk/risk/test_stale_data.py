from datetime import timedelta
from decimal import Decimal

import pytest

from desk.model.reasons import Reason
from desk.risk.stale_data import StaleData
from tests.builders import CLOSE, quote, snapshot
from tests.contracts.samples import proposal

RULE = StaleData(candle_age=timedelta(minutes=5), quote_age=timedelta(seconds=30))


def review(*, candle_age=timedelta(0), quote_age=timedelta(0)):
    books = snapshot(quotes={"EUR/USD": quote("EUR/USD", at=CLOSE - quote_age)})
    return RULE.review(proposal(candle_close=CLOSE - candle_age), books)


def test_fresh_data_pass():
    finding = review(candle_age=timedelta(seconds=100), quote_age=timedelta(seconds=3))
    assert (finding.allowed_quantity, finding.reason) == (1000, None)
    assert (finding.limit, finding.observed, finding.unit) == (300, 100, "seconds")


def test_an_age_at_its_limit_passes():
    assert review(candle_age=timedelta(minutes=5), quote_age=timedelta(seconds=30)).reason is None


@pytest.mark.parametrize("direction", [1, -1], ids=["old", "from the future"])
@pytest.mark.parametrize(
    ("which", "limit", "age"), [("candle_age", 300, timedelta(seconds=301)), ("quote_age", 30, timedelta(seconds=31))]
)
def test_data_out_of_their_time_are_refused(which, limit, age, direction):
    finding = review(**{which: age * direction})
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.STALE_DATA)
    assert (finding.limit, finding.observed) == (limit, Decimal(str(age.total_seconds())))


def test_no_quote_at_all_is_refused():
    finding = RULE.review(proposal(), snapshot(quotes={}))
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.STALE_DATA)
    assert (finding.limit, finding.observed, finding.unit) == (1, 0, "quotes")


@pytest.mark.parametrize("written", [300, "PT5M", "00:05:00"])
def test_an_age_can_be_written_in_seconds_or_as_a_duration(written):
    assert StaleData(candle_age=written).candle_age == timedelta(minutes=5)


def test_the_age_that_is_further_beyond_its_own_limit_is_the_one_that_is_told():
    finding = review(candle_age=timedelta(seconds=200), quote_age=timedelta(seconds=31))
    assert (finding.limit, finding.observed, finding.reason) == (30, 31, Reason.STALE_DATA)
