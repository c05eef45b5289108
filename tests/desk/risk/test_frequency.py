"""Rules about how often trades are begun."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.model.reasons import Reason
from desk.risk.one_entry_per_candle import OneEntryPerCandle
from desk.risk.trades_per_hour import TradesPerHour
from tests.builders import CLOSE, position, snapshot
from tests.contracts.samples import closed_trade, proposal, working_order

ONE = TradesPerHour(limit=1)
ONCE = OneEntryPerCandle()


def opened(ago, instrument="XAU/USD"):
    return closed_trade(instrument, ago=timedelta(0), opened=ago)


def held(ago, instrument="XAU/USD"):
    return replace(position(instrument), opened_at=CLOSE - ago)


def test_a_first_trade_passes():
    finding = ONE.review(proposal(), snapshot())
    assert (finding.allowed_quantity, finding.reason) == (1000, None)
    assert (finding.limit, finding.observed, finding.unit) == (1, 1, "trades")


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param({"positions": [held(timedelta(minutes=59))]}, id="a position"),
        pytest.param({"closed_trades": (opened(timedelta(minutes=59)),)}, id="a trade that is over"),
        pytest.param({"closed_trades": (opened(timedelta(minutes=-1)),)}, id="a trade from the future"),
        pytest.param({"open_orders": (working_order("XAU/USD"),)}, id="a working order"),
        pytest.param({"pending": {"XAU/USD": Decimal(1)}}, id="a trade approved just now"),
        pytest.param({"blocked": {"XAU/USD": "sd-1"}}, id="an order with unknown outcome"),
    ],
)
def test_a_trade_is_begun_by(begun):
    finding = ONE.review(proposal(), snapshot(**begun))
    assert (finding.allowed_quantity, finding.reason, finding.observed) == (0, Reason.TRADES_PER_HOUR, 2)


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param({"positions": [held(timedelta(hours=1))]}, id="an hour ago"),
        pytest.param({"open_orders": (working_order("XAU/USD", reduce_only=True),)}, id="to reduce"),
        pytest.param({"pending": {"XAU/USD": Decimal(0)}}, id="refused just now"),
        pytest.param(
            {"positions": [held(timedelta(hours=2))], "pending": {"XAU/USD": Decimal(1)}}, id="to add to a position"
        ),
    ],
)
def test_no_trade_is_begun(begun):
    assert ONE.review(proposal(), snapshot(**begun)).reason is None


def test_adding_to_a_position_begins_no_trade():
    books = snapshot(positions=[held(timedelta(minutes=5), "EUR/USD"), held(timedelta(minutes=5))])
    assert ONE.review(proposal(), books).reason is None


@pytest.mark.parametrize(
    "entered",
    [
        pytest.param({"positions": [held(timedelta(0), "EUR/USD")]}, id="a position"),
        pytest.param({"closed_trades": (opened(timedelta(0), "EUR/USD"),)}, id="a trade that is over"),
        pytest.param({"open_orders": (working_order(),)}, id="a working order"),
        pytest.param({"pending": {"EUR/USD": Decimal(1)}}, id="a trade approved just now"),
        pytest.param({"blocked": {"EUR/USD": "sd-1"}}, id="an order with unknown outcome"),
    ],
)
def test_a_candle_was_used_by(entered):
    finding = ONCE.review(proposal(), snapshot(**entered))
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.ONE_ENTRY_PER_CANDLE)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param({"positions": [held(timedelta(seconds=1), "EUR/USD")]}, id="before the candle closed"),
        pytest.param({"closed_trades": (opened(timedelta(minutes=5), "EUR/USD"),)}, id="left on this candle only"),
        pytest.param({"closed_trades": (opened(timedelta(0)),)}, id="another instrument"),
        pytest.param({"open_orders": (working_order(reduce_only=True),)}, id="to reduce"),
    ],
)
def test_a_candle_is_not_used_by_what_was_entered(before):
    assert ONCE.review(proposal(), snapshot(**before)).reason is None


def test_every_entry_since_the_candle_is_counted_whatever_was_left_in_between():
    now = timedelta(0)
    left = closed_trade("EUR/USD", ago=timedelta(minutes=5), opened=timedelta(minutes=6))
    closed = (left, opened(now, "EUR/USD"), opened(timedelta(hours=1), "EUR/USD"), opened(now, "EUR/USD"))
    assert ONCE.review(proposal(), snapshot(closed_trades=closed)).observed == 3
