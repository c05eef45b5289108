"""Fetching candles with patience: a silent source is asked again, and then costs its instrument only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from desk.adapters.clocks import FixedClock
from desk.decide import Policy
from desk.errors import DataError, GappedCandles, VenueUnavailable
from desk.model.cycle import CycleKey
from desk.model.depth import Depth, Level
from desk.model.reasons import Reason
from desk.steps.markets import Markets
from desk.steps.side_data import SideData
from tasks.house import READ_RETRIES
from tasks.market import choose_instruments, compute_signals, fetch_candles
from tests.builders import CLOSE, Constant, policy
from tests.desk.steps.fakes import FakeFeed
from tests.desk.steps.test_universe import COINS, FakeChoices

pytestmark = pytest.mark.prefect

KEY = CycleKey("sample", CLOSE)
LATER = FixedClock(CLOSE + timedelta(seconds=30))
SILENT = VenueUnavailable("fake", "candles", message="no answer in 10 s")


@dataclass
class Account:
    feed: FakeFeed
    policy: Policy = field(default_factory=lambda: policy(instruments=("EUR/USD", "XAU/USD")))
    key: CycleKey = KEY
    side_data: SideData | None = None
    clock: FixedClock = LATER
    durations: dict[str, float] = field(default_factory=dict)


@dataclass
class Explorer(Account):
    """Trades a universe."""

    policy: Policy = field(default_factory=lambda: policy(universe=COINS, instruments=()))
    choosing: FakeFeed = field(default_factory=FakeFeed)
    ledger: FakeChoices = field(default_factory=FakeChoices)
    spec: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(config_version="c0ffee"))
    lease: None = None


class Awakening(FakeFeed):
    """Answers after a number of questions about gold."""

    silences = 2

    async def candles(self, instrument, timeframe, *, until, count):
        if instrument == "XAU/USD" and self.silences > 0:
            self.silences -= 1
            raise SILENT
        return await super().candles(instrument, timeframe, until=until, count=count)


@pytest.fixture
def fetch(as_flow) -> Callable[[FakeFeed], Awaitable[Markets]]:
    """Run the task in a flow run, without pauses between attempts."""
    quick = fetch_candles.with_options(retry_delay_seconds=0, retry_jitter_factor=0)

    async def one_fetch(account: Account) -> Markets:
        return await quick(account)

    return lambda feed: as_flow(one_fetch)(Account(feed))


def times_asked(feed, instrument):
    return sum(name == instrument for name, *_ in feed.asked)


async def test_a_source_that_stays_silent_is_given_up_after_the_last_attempt_and_the_others_go_on(fetch):
    feed = FakeFeed({"XAU/USD": SILENT})
    markets = await fetch(feed)
    assert times_asked(feed, "XAU/USD") == READ_RETRIES + 1
    assert list(markets.by_instrument) == ["EUR/USD"]
    assert [(passed.instrument, passed.reason) for passed in markets.no_trades] == [("XAU/USD", Reason.NO_DATA)]
    assert "no answer in 10 s" in markets.no_trades[0].detail


async def test_a_source_that_answers_in_time_costs_nothing(fetch):
    markets = await fetch(Awakening())
    assert list(markets.by_instrument) == ["EUR/USD", "XAU/USD"]
    assert markets.no_trades == ()


async def test_unusable_data_are_not_asked_for_again(fetch):
    feed = FakeFeed({"XAU/USD": GappedCandles("a hole")})
    markets = await fetch(feed)
    assert times_asked(feed, "XAU/USD") == 1
    assert [passed.reason for passed in markets.no_trades] == [Reason.GAPPED_DATA]


async def test_signals_are_computed_for_what_was_fetched_and_the_rest_keeps_its_reason(fetch):
    feed = FakeFeed({"XAU/USD": GappedCandles("a hole")})
    decision = await compute_signals.fn(Account(feed), await fetch(feed))
    assert [signal.instrument for signal in decision.signals] == ["EUR/USD"]
    assert [passed.reason for passed in decision.no_trades] == [Reason.GAPPED_DATA]


class Leaning(Constant):
    """Reads the book."""

    series = ("book_imbalance",)


class NoBooks:
    """Lists no instrument."""

    async def depth(self, instrument, *, at):
        raise DataError(f"unknown instrument '{instrument}'")


class Books(NoBooks):
    """Has a book as of whatever time is asked about."""

    async def depth(self, instrument, *, at):
        return Depth(instrument, (Level(Decimal(1), Decimal(3)),), (Level(Decimal(2), Decimal(1)),), at)


async def test_a_run_that_begins_again_sees_how_old_the_book_of_its_first_attempt_is(as_flow):
    seen = []

    class Curious(Leaning):
        """Looks at the age of the book."""

        def evaluate(self, market):
            seen.append((market.latest("book_imbalance")[-1], market.age("book_imbalance")[-1]))
            return super().evaluate(market)

    reading = Account(FakeFeed(), policy(Curious()), side_data=SideData(Books(), None, lambda: CLOSE))

    async def one_fetch(account: Account) -> Markets:
        return await fetch_candles(account)

    await compute_signals.fn(reading, await as_flow(one_fetch)(reading))
    assert seen == [(0.5, 30)]


async def test_a_book_that_cannot_be_read_is_told_in_the_log_and_its_instrument_is_decided_without(as_flow, caplog):
    reading = Account(FakeFeed(), policy(Leaning()), side_data=SideData(NoBooks(), None, lambda: CLOSE))

    async def one_fetch(account: Account) -> Markets:
        return await fetch_candles(account)

    markets = await as_flow(one_fetch)(reading)
    assert markets.by_instrument["EUR/USD"].series == {}
    assert "EUR/USD: decided without book: unknown instrument 'EUR/USD'" in caplog.text


async def test_a_universe_is_chosen_by_quotes_that_no_decision_asks_for_afterwards(as_flow):
    explorer = Explorer(FakeFeed())

    async def one_choice(account: Explorer) -> Policy:
        return await choose_instruments(account)

    assert (await as_flow(one_choice)(explorer)).instruments == ("BTC/USD",)
    assert explorer.feed.quotes_asked == []
    assert [sorted(names) for names in explorer.choosing.quotes_asked] == [["BTC/USD"]]
