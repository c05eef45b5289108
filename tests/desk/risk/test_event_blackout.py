from dataclasses import replace
from datetime import timedelta

import pytest

from desk.model.reasons import Reason
from desk.model.surroundings import CalendarEvent, Importance, Surroundings
from desk.risk.event_blackout import EventBlackout
from tests.builders import BTC_USD, CLOSE, INSTRUMENTS, snapshot
from tests.contracts.samples import proposal

RULE = EventBlackout(before=timedelta(minutes=30), after=timedelta(minutes=10))


def event(minutes=0, currency="USD", importance=Importance.HIGH):
    return CalendarEvent(CLOSE + timedelta(minutes=minutes), currency, importance, "Payrolls")


def review(*events, rule=RULE, instrument="EUR/USD", **changes):
    return rule.review(proposal(instrument), snapshot(surroundings=Surroundings(events=events), **changes))


@pytest.mark.parametrize(("minutes", "refused"), [(30, True), (31, False), (-10, True), (-11, False), (0, True)])
def test_nothing_is_opened_shortly_before_and_after(minutes, refused):
    assert (review(event(minutes)).reason is Reason.EVENT_BLACKOUT) == refused


@pytest.mark.parametrize(("currency", "refused"), [("EUR", True), ("USD", True), ("", True), ("JPY", False)])
def test_an_event_concerns_the_currencies_of_the_instrument_and_one_without_a_currency_all(currency, refused):
    assert (review(event(currency=currency)).reason is Reason.EVENT_BLACKOUT) == refused


def test_an_event_of_the_dollar_concerns_what_is_quoted_in_a_coin_that_stands_for_it():
    coin = replace(BTC_USD, name="BTC/USDT")
    instruments = {**INSTRUMENTS, "BTC/USD": coin}
    assert review(event(), instrument="BTC/USD", instruments=instruments).reason is Reason.EVENT_BLACKOUT
    assert review(event(currency="EUR"), instrument="BTC/USD", instruments=instruments).reason is None


@pytest.mark.parametrize(
    ("least", "counted"), [(Importance.LOW, 3), (Importance.MEDIUM, 2), (Importance.HIGH, 1)]
)  # fmt: skip
def test_events_count_from_the_least_importance_that_is_asked_for(least, counted):
    events = [event(importance=importance) for importance in Importance]
    assert review(*events, rule=EventBlackout(importance=least)).observed == counted


def test_without_a_calendar_everything_passes_and_the_finding_says_so():
    finding = RULE.review(proposal(), snapshot())
    assert (finding.allowed_quantity, finding.reason) == (1000, None)
    assert finding.detail == "there is no calendar of events"


def test_a_calendar_that_is_required_is_missed():
    finding = EventBlackout(required=True).review(proposal(), snapshot())
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NOT_KNOWN)


def test_a_calendar_without_events_is_one():
    finding = review(rule=EventBlackout(required=True))
    assert (finding.reason, finding.detail) == (None, "")
