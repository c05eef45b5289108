"""Opening an account: which candle, which clock, how late, and who holds it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blocks.account import AccountBlock, cycle_of
from desk.adapters.clocks import FixedClock, SimulatedClock, SystemClock
from desk.adapters.venues.dry_run import DryRunTrading
from desk.adapters.venues.paper.trading import PaperTrading
from desk.errors import ConfigError
from desk.model.cycle import CycleKey, CycleState, Mode
from tests.builders import snapshot
from tests.flows.installation import AT, CLOSE

pytestmark = pytest.mark.usefixtures("installation")

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
PLAYED = datetime(2014, 5, 5, tzinfo=UTC)


def opened(account="trader", *, run="run-1", at=None, scheduled_for=None):
    return AccountBlock(name=account).open(run=run, at=at, scheduled_for=scheduled_for)


async def test_an_unknown_account_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match=r"accounts\.yaml: expected an account, found 'tradr'.*'trader'"):
        opened("tradr")


async def test_a_scan_of_a_past_time_stands_still_there_and_acts_on_the_candle_that_had_closed():
    account = opened(at=AT)
    assert isinstance(account.clock, FixedClock)
    assert account.clock.now() == AT
    assert account.key == CycleKey("trader", CLOSE)
    assert account.lateness == timedelta(seconds=5)
    assert not account.is_late


async def test_a_past_time_without_a_zone_is_refused():
    with pytest.raises(ConfigError, match="add Z for UTC"):
        opened(at=AT.replace(tzinfo=None))


async def test_a_time_that_has_not_been_is_refused_because_its_orders_would_block_the_present():
    with pytest.raises(ConfigError, match="expected a time that has been, found 2126-01-14"):
        opened(at=AT.replace(year=2126))


async def test_a_decision_is_not_sent_on_prices_that_are_old_by_now():
    account = opened(at=AT)
    fresh, old = (snapshot(at=AT - age) for age in (timedelta(seconds=30), timedelta(minutes=3)))
    assert account.reason_to_give_up(replace(account.fresh_record, snapshot=fresh)) == ""
    assert "old by now" in account.reason_to_give_up(replace(account.fresh_record, snapshot=old))


async def test_without_a_time_the_clock_is_the_machines_and_the_candle_is_the_newest():
    before = datetime.now(UTC)
    account = opened()
    assert isinstance(account.clock, SystemClock)
    assert before - timedelta(minutes=5) < account.key.candle_close <= datetime.now(UTC)


async def test_a_late_start_does_not_change_the_candle_and_is_known_to_be_late():
    account = opened(scheduled_for=CLOSE + timedelta(seconds=5))
    assert account.key.candle_close == CLOSE
    assert account.lateness == pytest.approx(datetime.now(UTC) - CLOSE, abs=timedelta(seconds=5))
    assert account.is_late


async def test_a_scan_of_a_given_time_acts_on_that_time_whenever_it_was_scheduled():
    assert opened(at=AT, scheduled_for=NEW_YEAR).key.candle_close == CLOSE


async def test_a_simulated_clock_turns_the_scheduled_time_into_its_own():
    account = opened("player", scheduled_for=NEW_YEAR + timedelta(seconds=11))
    assert isinstance(account.clock, SimulatedClock)
    assert account.key.candle_close == PLAYED + timedelta(minutes=10)  # 11 seconds at 60 times the speed
    assert isinstance(account.wall, SystemClock)


async def test_two_opened_for_the_same_time_name_the_same_cycle():
    scheduled = CLOSE + timedelta(seconds=29)
    _, key = cycle_of("trader", at=None, scheduled_for=scheduled)
    assert key == opened(scheduled_for=scheduled).key


async def test_the_mode_decides_what_trades():
    assert isinstance(opened("trader").trading, PaperTrading)
    assert isinstance(opened("planner").trading, DryRunTrading)
    assert opened("planner").fresh_record.mode is Mode.DRY_RUN


async def test_accounts_with_the_same_feed_share_it_and_others_do_not():
    assert opened("trader").feed is opened("holder").feed
    assert opened("trader").feed is not opened("player").feed


async def test_a_fresh_record_is_running_and_names_the_versions_that_it_was_made_with():
    account = opened(at=AT)
    record = account.fresh_record
    assert (record.state, record.key) == (CycleState.RUNNING, account.key)
    assert record.config_version == account.spec.config_version != ""
    assert record.code_version


async def test_an_account_has_one_holder_and_is_free_after_it():
    first, second = opened(run="run-1"), opened(run="run-2")
    async with first.held() as mine:
        async with second.held() as theirs:
            assert (mine, theirs) == (True, False)
        assert first.order_desk.lease.holder == "run-1"
    async with second.held() as theirs:
        assert theirs
        assert second.order_desk.lease.token > first.order_desk.lease.token


async def test_the_account_is_given_back_when_the_scan_fails():
    with pytest.raises(ZeroDivisionError):
        async with opened(run="run-1").held():
            raise ZeroDivisionError
    async with opened(run="run-2").held() as theirs:
        assert theirs


async def test_a_retry_of_the_same_run_takes_the_account_again_under_a_new_token():
    died, retried = opened(run="run-1"), opened(run="run-1")
    async with died.held(), retried.held() as mine:
        assert mine
        assert retried.order_desk.lease.token > died.order_desk.lease.token


async def test_nothing_is_placed_for_an_account_that_is_not_held():
    with pytest.raises(AssertionError, match="trader 2026-01-14T15:00:00Z: the account is not held"):
        _ = opened(at=AT).order_desk


async def test_figures_besides_candles_come_from_the_accounts_feed_at_its_own_time():
    made = opened(at=AT).side_data
    assert made.present() == AT
    book, quotes = await made.depth.depth("EUR/USD", at=AT), await opened(at=AT).feed.quotes(["EUR/USD"], at=AT)
    assert (book.bids[0].price, book.at) == (quotes["EUR/USD"].bid, AT)
    assert made.funding is not None


async def test_recorded_candles_have_no_figures_besides():
    recorded = opened("player", scheduled_for=NEW_YEAR + timedelta(seconds=11)).side_data
    assert (recorded.depth, recorded.funding) == (None, None)
