"""Examining a venue: every question is asked, and what is wrong is said in words."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.adapters.venues.dry_run import DryRunTrading
from desk.adapters.venues.examining import Examination, Result
from desk.errors import AccessDenied, VenueError
from tests.builders import CLOSE
from tests.desk.adapters.venues.test_reaching import account

QUESTIONS = [
    "instruments",
    "candles",
    "quote",
    "clock",
    "key",
    "account",
    "positions",
    "open orders",
    "fills",
    "order on trial",
]


class RefusingTrading(DryRunTrading):
    async def positions(self):
        raise AccessDenied("oanda", "positions", "401", "no")


@dataclass
class FakeReached:
    """A venue over a made market, with a clock and rights of the test's own."""

    ahead: timedelta | None = None
    granted: str | None = None
    verdict: str | None = None
    refuses: bool = False
    market: SyntheticFeed = field(default_factory=lambda: SyntheticFeed(7))

    def trading(self, account):
        kind = RefusingTrading if self.refuses else DryRunTrading
        return kind(currency="USD", starting_cash=1_000, clock=FixedClock(CLOSE))

    async def skew(self):
        return self.ahead

    async def rights(self):
        return self.granted

    async def try_out(self, account, intent):
        self.tried = intent
        return self.verdict

    async def close(self):
        raise VenueError("fake", "close", "", "nobody closes it here")


async def examined(reached, trader=None):
    answers = await Examination(reached, trader, CLOSE).answers()
    assert [answer.question for answer in answers] == QUESTIONS
    return {answer.question: answer for answer in answers}


async def test_every_question_is_asked_as_an_account_of_the_connection():
    told = await examined(FakeReached(timedelta(seconds=-1.5), "view, trade", "taken"), account("oanda"))
    assert {answer.result for answer in told.values()} == {Result.OK}
    assert told["clock"].detail == "the venue's clock is 1.500 s behind"
    assert told["key"].detail == "view, trade"
    assert told["account"].detail == "equity 1000 USD, cash 1000"


async def test_as_an_account_of_a_universe_something_of_its_currency_is_asked_for():
    reached = FakeReached(verdict="taken")
    trader = account("oanda").model_copy(update={"instruments": (), "universe": "coins", "currency": "USDT"})
    told = await examined(reached, trader)
    assert told["instruments"].result is told["order on trial"].result is Result.OK
    assert reached.tried.instrument.split("/")[1].startswith("USDT")


async def test_without_an_account_only_the_market_is_asked():
    told = await examined(FakeReached())
    skipped = [question for question, answer in told.items() if answer.result is Result.SKIPPED]
    assert skipped == QUESTIONS[3:]
    assert told["fills"].detail == "no account of the fleet names this connection"


async def test_a_question_that_fails_does_not_keep_the_others_from_being_asked():
    told = await examined(FakeReached(refuses=True), account("oanda"))
    assert told["positions"].result is Result.FAILED
    assert told["positions"].detail == "oanda: positions failed [401]: no"
    assert told["fills"].result is Result.OK


@pytest.mark.parametrize("seconds", [2.1, -40])
async def test_a_clock_that_is_far_off_is_a_failure(seconds):
    told = await examined(FakeReached(timedelta(seconds=seconds)))
    assert told["clock"].result is Result.FAILED
    assert "expected at most 2 s between the clocks" in told["clock"].detail


async def test_an_instrument_that_the_venue_does_not_have_is_named():
    told = await examined(FakeReached(), account("oanda", instruments=["EUR/USD", "EUR/XXX"]))
    assert told["instruments"].result is Result.FAILED
    assert told["instruments"].detail.startswith("expected EUR/XXX among ")


async def test_the_order_on_trial_is_the_smallest_and_far_from_the_market():
    reached = FakeReached(verdict="taken")
    await examined(reached, account("oanda"))
    quote = (await reached.market.quotes(["EUR/USD"], at=CLOSE))["EUR/USD"]
    assert reached.tried.quantity <= 2
    assert reached.tried.price < quote.bid * 6 / 10
