from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import CycleKey, CycleState
from desk.model.instrument import Side
from desk.model.orders import FillReason, OrderState
from tests.builders import CLOSE
from tests.console.conftest import Desk, Fill
from tests.console.stories import LATER, RATES, ended, failed, held, traded
from tests.desk.adapters.ledger.builders import fill as executed
from tests.desk.adapters.ledger.builders import record


def story_of(desk: Desk, *words: str) -> str:
    """The text with every run of spaces and line ends as one space."""
    said = desk("why", *words)
    assert (said.code, said.err) == (0, "")
    return " ".join(said.out.split())


def test_a_cycle_is_told_from_its_candle_to_its_trade(desk: Desk, fill: Fill):
    fill(traded)
    told = story_of(desk, "sample")
    chain = [
        "sample, candle closed 2026-01-14 15:00 UTC: traded",
        "paper, scanned 2026-01-14 15:00:03.000 UTC",
        "configuration c0ffee, release 0.1.0",
        "equity 10,000.00 USD (+0.00 today, highest 10,000.00), cash 10,000.00; 1 position before, no orders open",
        "USD/JPY short 3 at 150.000 since 2026-01-14 14:00",
        "EUR/USD constant +0.30 long 0.30: close 1.1",
        "proposed by constant: buy 123.45678901 at 1.10001, to open; stop 1.09000, target 1.13000, at most 6h",
        "cooldown passed observed 7,200.5, limit 3,600 seconds",
        "position_size POSITION_SIZE observed 0.25, limit 0.2 of equity; allows 100",
        "approved: buy 100",
        "POSITION_SIZE, the position would be larger than its limit",
        "order sd-sample-1500: buy 100, market ioc",
        "2026-01-14 15:00:00.000 planned",
        "2026-01-14 15:00:00.000 sending sent by run-1, token 1",
        "filled 100 by then, at the venue 2026-01-14 15:00:02.000",
        "fills, venue order V-sd-sample-1500",
        "2026-01-14 15:00:02.000 buy 100 at 1.10000 fee 0.01 USD (order, T1)",
        "trade so far: long 100 from 1.10000 since 2026-01-14 15:00, still open; realised +0.00, fees 0.01",
        "XAU/USD constant -1.00",
        "refused",
        "BTC/USD not traded: NO_SIGNAL, no strategy has an opinion on this candle",
    ]
    positions = [told.find(part) for part in chain]
    assert -1 not in positions, chain[positions.index(-1)] + " is not in: " + told
    assert positions == sorted(positions)


def test_what_is_paid_for_holding_stands_below_the_order_that_opened_the_position(desk: Desk, fill: Fill):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        [asked] = record().decision.intents
        name, charge = asked.client_order_id, FillReason.FUNDING
        paid = executed("T2", order=name, quantity="0", price="1.2", fee="0.5", after=3, reason=charge)
        received = executed("T3", order=name, quantity="0", price="1.3", fee="-0.2", after=4, reason=charge)
        await ledger.book_fills("sample", (paid, received), cursor="3", conversion=RATES, now=CLOSE)

    fill(story)
    told = story_of(desk, "sample")
    assert "15:00:03.000 funding of what is held, at 1.20000 paid 0.5 USD (T2)" in told
    assert "15:00:04.000 funding of what is held, at 1.30000 received 0.2 USD (T3)" in told
    assert "still open; realised +0.00, fees 0.31" in told


def test_one_instrument_is_told_alone_in_any_spelling_of_its_case(desk: Desk, fill: Fill):
    fill(traded)
    told = story_of(desk, "sample", "xau/usd")
    assert "refused" in told
    assert "EUR/USD" not in told


def test_a_reason_is_not_told_twice(desk: Desk, fill: Fill):
    fill(held)
    told = story_of(desk, "sample")
    assert told.count("long 0.20: close 1.1") == 1
    assert "BELOW_THRESHOLD, the combined score does not reach the entry threshold" in told
    assert "score +0.20, threshold 0.35" in told


@pytest.mark.parametrize(
    ("time", "minute"),
    [("2026-01-14T15:00Z", "15:00"), ("2026-01-14 15:04:59", "15:00"), ("2026-01-14T16:05+01:00", "15:05")],
)
@pytest.mark.parametrize("words", [("sample",), ("sample", "EUR/USD")])
def test_a_time_selects_the_last_candle_closed_by_then(
    desk: Desk, fill: Fill, time: str, minute: str, words: tuple[str, ...]
):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        await held(ledger, LATER)
        await held(ledger, LATER + timedelta(minutes=5))

    fill(story)
    told = story_of(desk, *words, time)
    assert f"candle closed 2026-01-14 {minute} UTC" in told
    assert "A newer cycle" not in told


def test_a_newer_cycle_that_did_not_come_to_the_instrument_is_mentioned(desk: Desk, fill: Fill):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        await failed(ledger)

    fill(story)
    told = story_of(desk, "sample", "EUR/USD")
    assert "candle closed 2026-01-14 15:00 UTC: traded" in told
    assert "A newer cycle did not come to this instrument: 2026-01-14 15:05 UTC, failed (VenueUnavailable" in told
    assert "A newer cycle" not in story_of(desk, "sample", "EUR/USD", "2026-01-14T15:00Z")


def test_a_cycle_that_failed_says_why(desk: Desk, fill: Fill):
    fill(failed)
    told = story_of(desk, "sample")
    assert "candle closed 2026-01-14 15:05 UTC: failed" in told
    assert "VenueUnavailable: oanda: candles failed: no answer" in told


def test_an_order_that_was_decided_and_never_stored_is_told_so(desk: Desk, fill: Fill):
    fill(lambda ledger: ended(ledger, CycleState.NO_TRADE))
    assert "order sd-sample-1500: buy 100, market ioc never stored, so never sent" in story_of(desk, "sample")


def test_a_trade_that_has_ended_is_told_with_its_result(desk: Desk, fill: Fill):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        order, target = "sd-sample-1500", FillReason.TARGET
        sold = executed("T2", order=order, side=Side.SELL, price="1.2", after=60, reason=target)
        await ledger.book_fills("sample", (sold,), cursor="2", conversion=RATES, now=LATER)

    fill(story)
    told = story_of(desk, "sample", "EUR/USD")
    assert "2026-01-14 15:01:00.000 sell 100 at 1.20000 fee 0.01 USD (target, T2)" in told
    assert (
        "trade: long 100 from 1.10000, 100 closed at 1.20000 by target, 2026-01-14 15:01; realised +10.00, fees 0.02"
        in told
    )


def test_a_trade_says_that_a_fill_without_a_rate_is_left_out(desk: Desk, fill: Fill):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        paid = replace(executed("T2", order="sd-sample-1500", after=60), fee_currency="KCS")
        await ledger.book_fills("sample", (paid,), cursor="2", conversion=RATES, now=LATER)

    fill(story)
    told = story_of(desk, "sample", "EUR/USD")
    assert "fee 0.01 KCS (order, T2) the venue gives no rate to the account's currency" in told
    assert "profit and fees leave fills out" in told


def test_a_limit_order_that_only_reduces_is_told_as_such(desk: Desk, fill: Fill):
    async def story(ledger: Ledger) -> None:
        done = record()
        (asked,) = done.decision.intents
        closing = replace(asked, price=Decimal("1.25"), reduce_only=True)
        await ledger.store_intents((closing,))
        await ledger.record_outcome(asked.client_order_id, OrderState.CANCELLED, detail="no longer wanted")
        await ledger.record_cycle(replace(done, decision=replace(done.decision, intents=(closing,))), now=CLOSE)

    fill(story)
    told = story_of(desk, "sample", "EUR/USD")
    assert "buy 100 at 1.25000, market ioc, reduces only" in told
    assert "cancelled no longer wanted" in told
    assert "fills" not in told


def test_json_has_everything_and_the_meaning_of_the_codes(desk: Desk, fill: Fill):
    fill(traded)
    told = desk("why", "sample", "--json").json
    assert set(told) == {"summary", "record", "orders", "events", "fills", "trades", "unconverted", "meanings"}
    assert told["record"]["key"] == {"account": "sample", "candle_close": "2026-01-14T15:00:00+00:00"}
    assert told["record"]["decision"]["proposals"][0]["quantity"] == "123.4567890123456789012345"
    assert told["record"]["decision"]["proposals"][0]["barriers"]["time_limit"] == 21600.0
    assert [event["state"] for event in told["events"]] == ["planned", "sending", "filled"]
    assert told["fills"][0]["fee"] == "0.01"
    assert told["trades"][0]["closed_at"] is None
    assert told["meanings"] == {
        "NO_SIGNAL": "no strategy has an opinion on this candle",
        "POSITION_SIZE": "the position would be larger than its limit",
    }


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("smaple",), 2, "expected an account, found 'smaple'; did you mean 'sample'?"),
        (("gome",), 2, "expected an account, found 'gome'; did you mean 'gone'?"),
        (("fresh",), 1, "fresh was never scanned; run `desk up`, or `desk scan fresh`"),
        (("sample", "EUR/USDT"), 2, "expected an instrument of sample, found 'EUR/USDT'; did you mean 'EUR/USD'?"),
        (("sample", "EURUSD"), 2, "expected a time such as 2026-01-14T15:00Z, found 'EURUSD'"),
        (
            ("sample", "2026-01-14T14:59Z"),
            1,
            "expected a cycle of sample at or before 2026-01-14 14:59 UTC, found none; "
            "the newest is 2026-01-14 15:00 UTC, traded (one order)",
        ),
    ],
)
def test_a_question_without_an_answer_says_what_there_is(
    desk: Desk, fill: Fill, words: tuple[str, ...], code: int, message: str
):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        await ended(ledger, CycleState.HELD, account="gone")

    fill(story)
    said = desk("why", *words)
    assert (said.code, said.out, said.err) == (code, "", f"desk: {message}\n")


def test_an_instrument_that_no_cycle_came_to_is_told_with_the_newest_cycle(desk: Desk, fill: Fill):
    fill(failed)
    said = desk("why", "sample", "EUR/USD")
    assert said.code == 1
    assert "expected a cycle of sample that looked at EUR/USD, found none; the newest is 2026-01-14 15:05" in said.err


def test_an_account_that_is_not_configured_any_more_can_be_asked_about(desk: Desk, fill: Fill):
    fill(lambda ledger: ended(ledger, CycleState.HELD, account="gone"))
    assert "gone, candle closed" in story_of(desk, "gone")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_story_fits_the_terminal(desk: Desk, fill: Fill, monkeypatch: pytest.MonkeyPatch, width: int):
    fill(traded)
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(len, desk("why", "sample").out.splitlines())) <= width


def test_the_key_of_a_cycle_is_of_the_account_that_was_asked_for(desk: Desk, fill: Fill):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        await ledger.record_cycle(record(CycleKey("other", LATER)), now=LATER)

    fill(story)
    assert "sample, candle closed 2026-01-14 15:00" in story_of(desk, "sample")
