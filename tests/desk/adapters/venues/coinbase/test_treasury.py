"""Conversions of dollars into USDC and back as moves: an even offer, accepted once, and asked for by its id."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venues.coinbase.treasury import CoinbaseTreasury
from desk.errors import OrderRefused, OutcomeUnknown, VenueUnavailable
from desk.portfolio.carrying import plan_move
from tests.desk.adapters.venues.coinbase.test_convert import told
from tests.desk.adapters.venues.coinbase.venue import NOW, Venue, opened

MOVE = plan_move(NOW.date(), "coins", "coins", Decimal("100.50"), currency="USD", rate=Decimal(1), into="USDC")
MADE = "/convert/trade/C1"


@pytest.fixture
def venue():
    return Venue()


@pytest.fixture
def treasury(venue):
    return CoinbaseTreasury(opened(venue).conversions, clock=FixedClock(NOW))


async def test_an_even_offer_is_accepted_by_its_id(venue, treasury):
    venue.answers["/convert/quote"] = [told()]
    venue.answers[MADE] = [told(status="TRADE_STATUS_COMPLETED")]
    assert await treasury.prepare(MOVE) == "C1"
    assert venue.seen[f"POST {MADE}"] == 0
    assert await treasury.carry_out(MOVE, "C1") == Decimal("100.50")
    assert venue.sent(MADE) == [{"from_account": "USD", "to_account": "USDC"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"total": {"value": "100.49", "currency": "USDC"}},
        {"total": {"value": "100.50", "currency": "USDT"}},
        {"total_fee": {"title": "", "amount": {"value": "0.01", "currency": "USD"}}},
        {"user_entered_amount": {"value": "1000.50", "currency": "USD"}},
    ],
)
async def test_an_offer_of_less_than_is_given_is_not_accepted(venue, treasury, changes):
    venue.answers["/convert/quote"] = [told(**changes)]
    with pytest.raises(OrderRefused, match="expected as much as is given"):
        await treasury.prepare(MOVE)


@pytest.mark.parametrize("answer", [told(status="TRADE_STATUS_STARTED"), httpx.ReadTimeout("slow")])
async def test_what_is_not_told_to_be_completed_is_unknown(venue, treasury, answer):
    venue.answers[MADE] = [answer]
    with pytest.raises(OutcomeUnknown):
        await treasury.carry_out(MOVE, "C1")
    assert venue.seen[f"POST {MADE}"] == 1


@pytest.mark.parametrize(
    ("status", "ago", "found"),
    [
        ("COMPLETED", 1, Decimal("100.50")),
        ("CANCELED", 1, None),
        ("CREATED", 60, None),
        ("COMPLETED", 600, Decimal("100.50")),
    ],
)
async def test_what_became_of_it_is_asked_for_by_the_id_of_the_offer(venue, treasury, status, ago, found):
    venue.answers[MADE] = [told(status=f"TRADE_STATUS_{status}")]
    assert await treasury.find(MOVE, "C1", sent_at=NOW - timedelta(seconds=ago)) == found


@pytest.mark.parametrize(("status", "ago"), [("CREATED", 59), ("STARTED", 3600), ("UNSPECIFIED", 3600)])
async def test_nothing_follows_from_what_is_not_over(venue, treasury, status, ago):
    venue.answers[MADE] = [told(status=f"TRADE_STATUS_{status}")]
    with pytest.raises(VenueUnavailable, match="not over yet"):
        await treasury.find(MOVE, "C1", sent_at=NOW - timedelta(seconds=ago))
