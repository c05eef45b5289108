"""Conversions: an offer, its acceptance sent once, and how it stands."""

from decimal import Decimal

import httpx
import pytest

from desk.errors import InvalidOrder, OutcomeUnknown
from tests.desk.adapters.venues.coinbase.venue import Venue, opened

TRADE = {
    "id": "C1",
    "status": "TRADE_STATUS_CREATED",
    "user_entered_amount": {"value": "100.50", "currency": "USD"},
    "amount": {"value": "100.50", "currency": "USD"},
    "total": {"value": "100.50", "currency": "USDC"},
    "total_fee": {"title": "", "amount": {"value": "0.00", "currency": "USD"}},
    "exchange_rate": {"value": "1", "currency": "USDC"},
    "source": {"type": "wallet"},
}


@pytest.fixture
def venue():
    return Venue()


@pytest.fixture
def conversions(venue):
    return opened(venue).conversions


def told(**changes):
    return httpx.Response(200, json={"trade": {**TRADE, **changes}})


async def test_an_offer_is_accepted_and_read(venue, conversions):
    venue.answers["/convert/quote"] = [told()]
    venue.answers["/convert/trade/C1"] = [told(status="TRADE_STATUS_STARTED"), told(status="TRADE_STATUS_COMPLETED")]
    offer = await conversions.quote("USD", "USDC", Decimal("100.50"))
    assert (offer.status, offer.amount, offer.total, offer.total_currency) == (
        "CREATED",
        Decimal("100.50"),
        Decimal("100.50"),
        "USDC",
    )
    assert (offer.fee, offer.fee_currency, offer.rate) == (Decimal(0), "USD", Decimal(1))
    assert (await conversions.commit(offer)).status == "STARTED"
    assert (await conversions.read(offer)).status == "COMPLETED"
    assert venue.sent("/convert/trade/C1") == [{"from_account": "USD", "to_account": "USDC"}]


async def test_an_acceptance_without_an_answer_is_unknown_and_was_sent_once(venue, conversions):
    venue.answers["/convert/quote"] = [told()]
    venue.answers["/convert/trade/C1"] = [httpx.ReadTimeout("slow")]
    offer = await conversions.quote("USD", "USDC", Decimal(100))
    with pytest.raises(OutcomeUnknown):
        await conversions.commit(offer)
    assert venue.seen["POST /convert/trade/C1"] == 1


async def test_an_offer_that_is_not_made_is_refused(venue, conversions):
    venue.answers["/convert/quote"] = [httpx.Response(400, json={"error": "INVALID_ARGUMENT", "message": "amount"})]
    with pytest.raises(InvalidOrder, match="amount"):
        await conversions.quote("USD", "BTC", Decimal(100))
