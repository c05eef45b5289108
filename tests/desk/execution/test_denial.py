"""Access that a venue denies: always watched, whatever the configuration says, and for a person to end."""

from dataclasses import fields
from datetime import timedelta

from desk.execution.breaker import CONFIGURED, BreakerLimits, Limit, PastTrip, references_due, trip_on_denial
from desk.model.books import TradingState
from tests.builders import CLOSE


def test_a_denial_halts_until_a_person_resumes_and_names_the_connection_and_the_venues_words() -> None:
    trip = trip_on_denial("practice", "oanda: POST orders failed [401]: Insufficient authorization")
    assert (trip.limit, trip.state, trip.until) == (Limit.ACCESS, TradingState.HALTED, None)
    assert (trip.observed, trip.allowed) == (1, 0)
    assert trip.why == (
        "connection practice is denied access (oanda: POST orders failed [401]: Insufficient authorization)"
    )


def test_it_is_no_limit_that_a_configuration_sets() -> None:
    assert {limit.value for limit in CONFIGURED} <= {field.name for field in fields(BreakerLimits)}
    assert Limit.ACCESS not in CONFIGURED
    assert not BreakerLimits().watches_orders


def test_a_denial_that_is_over_has_nothing_to_count_from() -> None:
    trip = trip_on_denial("practice", "no")
    over = PastTrip(trip.limit, trip.state, trip.why, CLOSE, lifted_at=CLOSE + timedelta(minutes=1))
    assert list(references_due([over], CLOSE, trip.observed, CLOSE + timedelta(hours=1))) == []
