"""Replies hold exact decimals and aware times, however the venue writes them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from desk.adapters.venues.coinbase.wire.base import Money
from desk.adapters.venues.coinbase.wire.market import ServerTime
from desk.adapters.venues.coinbase.wire.orders import VenueFill, VenueOrder
from tests.desk.adapters.venues.coinbase.venue import fill, order


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-05-31T09:59:59Z", datetime(2021, 5, 31, 9, 59, 59, tzinfo=UTC)),
        ("2021-05-31T09:59:59.1Z", datetime(2021, 5, 31, 9, 59, 59, 100_000, tzinfo=UTC)),
        ("2023-01-11T00:52:37.557001Z", datetime(2023, 1, 11, 0, 52, 37, 557_001, tzinfo=UTC)),
        ("2023-01-11T00:52:37.557001234Z", datetime(2023, 1, 11, 0, 52, 37, 557_001, tzinfo=UTC)),
        ("2023-01-11T02:52:37+02:00", datetime(2023, 1, 11, 0, 52, 37, tzinfo=UTC)),
    ],
)
def test_times_are_read_to_the_microsecond_in_utc(text, expected):
    told = ServerTime.model_validate({"iso": text}).iso
    assert (told, told.tzinfo) == (expected, UTC)


def test_a_time_without_a_zone_is_not_guessed():
    with pytest.raises(ValidationError):
        ServerTime.model_validate({"iso": "2021-05-31T09:59:59"})


@pytest.mark.parametrize(
    ("value", "expected"), [("0.1", "0.1"), ("1E-8", "1E-8"), ("50000.10", "50000.10"), ("", "0"), (None, "0")]
)
def test_numbers_are_exact_and_an_empty_one_is_nothing(value, expected):
    assert str(Money.model_validate({"value": value, "currency": "USD"}).value) == expected


@pytest.mark.parametrize("value", ["NaN", "Infinity", "much"])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValidationError):
        Money.model_validate({"value": value})


def test_an_order_of_a_kind_that_is_not_known_here_can_still_be_read():
    strange = {"scaled_limit_gtc": {"orders": [{"limit_limit_gtc": {}}], "base_size": "3"}, "twap_limit_gtd": None}
    wire = VenueOrder.model_validate(order("sd-1", order_configuration=strange, brand_new=1))
    assert (wire.kind, wire.configuration.base_size) == ("scaled_limit_gtc", Decimal(3))


def test_a_fill_without_the_time_of_its_writing_was_written_when_it_was_made():
    wire = VenueFill.model_validate(fill("E1", "sd-1", sequence_timestamp=None))
    assert wire.posted_at == wire.trade_time
