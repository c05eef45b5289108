import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pytest

from console.failures import NotUnderstood
from console.services.seeing import Judge, Seen, judge_of, seen_by, strategies_of
from desk.contracts.markets import sample_market
from desk.contracts.strategies import FORGETS_AFTER_WARM_UPS, history_for, market_for
from desk.errors import DataError
from desk.model.candles import Candles
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy
from desk.registry import strategies
from desk.strategies.hft import Hft
from desk.strategies.risk_off import RiskOff
from tests.builders import Constant, Failing, policy
from tests.console.services.conftest import Ask

STRATEGIES = strategies().discover()
SHOWN = 90


@dataclass(frozen=True)
class MadeFeed:
    """The candles of a made market, as a feed has them."""

    market: Market
    asked: list[int] = field(default_factory=list)

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        if timeframe not in self.market.by_timeframe:
            raise DataError(f"{instrument}: expected a timeframe of the feed, found {timeframe}")
        self.asked.append(count)
        return self.market.candles(timeframe).until(until).tail(count)


def judge(strategy: Strategy, *others: Strategy, **changes: object) -> Judge:
    lookback = FORGETS_AFTER_WARM_UPS * strategy.warm_up
    return Judge(strategy, policy(strategy, *others, **{"lookback": lookback, **changes}))


def seen(one: Judge, market: Market, candles: Candles) -> Seen:
    return asyncio.run(seen_by(one, MadeFeed(market), candles))


def numbers(values: tuple[float | None, ...]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values])


def lines(found: Seen) -> dict[str, np.ndarray]:
    return {line.name: numbers(line.values) for line in (*found.over, *found.beside)}


@pytest.mark.parametrize("name", STRATEGIES)
def test_at_each_candle_it_shows_what_a_scan_would_have_been_told(name):
    strategy = STRATEGIES[name]()
    market = market_for(strategy, history_for(strategy))
    one = judge(strategy, timeframe=market.timeframe)
    found = seen(one, market, market.own.tail(SHOWN))
    shown = {"score": numbers(found.score), **lines(found)}
    for row in range(0, SHOWN, 23):
        at = datetime.fromtimestamp(int(market.own.tail(SHOWN).close_times[row]), tz=UTC)
        known = {each: candles.until(at).tail(one.policy.lookback) for each, candles in market.by_timeframe.items()}
        told = strategy.evaluate(Market(market.timeframe, known))
        for label, values in {"score": told.score, **told.features}.items():
            assert shown[label][row] == pytest.approx(values[-1], rel=1e-5, abs=1e-6, nan_ok=True), (label, row)
    assert (found.lacking, set(shown)) == ("", {"score", *strategy.evaluate(market).features})


def test_shorter_candles_have_what_was_said_of_the_newest_that_was_closed():
    minutes = sample_market(3_000, timeframe=Timeframe.M1, longer=(Timeframe.M5,))
    strategy = STRATEGIES["mean_reversion"]()
    own = minutes.candles(Timeframe.M5)
    shown = minutes.own.tail(SHOWN)
    found = seen(judge(strategy), minutes, shown)
    whole = strategy.evaluate(Market(Timeframe.M5, {Timeframe.M5: own})).features["rsi"]
    for closed, value in zip(shown.close_times.tolist(), lines(found)["rsi"], strict=True):
        [row] = np.flatnonzero(own.close_times == closed // 300 * 300)
        assert value == pytest.approx(whole[row], rel=1e-6)
    assert (found.timeframe, len(set(found.score)) > 3) == ("M5", True)


def test_longer_candles_show_nothing_and_say_what_to_choose():
    market = sample_market(600, longer=(Timeframe.H1,))
    found = seen(judge(Constant()), market, market.candles(Timeframe.H1))
    assert (found.score, found.beside) == ((), ())
    assert found.lacking == "It judges M5 candles, and several of them lie in each of these: choose M5."


def test_as_many_candles_are_read_before_the_first_as_a_scan_looks_back():
    market = sample_market(3_000, longer=(Timeframe.H1,))
    feed = MadeFeed(market)
    strategy = STRATEGIES["momentum_24h"]()
    asyncio.run(seen_by(judge(strategy, lookback=100), feed, market.own.tail(SHOWN)))
    assert feed.asked == [SHOWN + 100, 7 * 60 // 60 + 1 + 100]


def test_prices_lie_over_the_candles_with_stop_and_target_where_the_score_enters():
    class Leaning(Constant):
        def evaluate(self, market: Market) -> Scores:
            score = np.resize([0.6, -0.7, 0.2], len(market.own))
            ones = np.ones(len(market.own))
            return Scores(score, ones * 0.01, ones * 0.02, {"close": market.own.close, "tenth": ones / 10})

    market = sample_market(300)
    found = seen(judge(Leaning(), entry_score=0.5, lookback=60), market, market.own.tail(30))
    assert [line.name for line in found.over] == ["close"]
    assert [line.name for line in found.beside] == ["tenth"]
    close = market.own.close[-30:]
    at = found.score.index(0.6)
    assert (found.stop[at], found.target[at]) == pytest.approx((close[at] - 0.01, close[at] + 0.02))
    at = found.score.index(-0.7)
    assert (found.stop[at], found.target[at]) == pytest.approx((close[at] + 0.01, close[at] - 0.02))
    assert {found.stop[row] for row, score in enumerate(found.score) if score == 0.2} == {None}


def test_what_votes_has_the_threshold_of_the_account_and_what_acts_on_positions_has_none():
    market = sample_market(600)
    forecast = seen(judge(Constant(), RiskOff(), Failing(), entry_score=0.4), market, market.own.tail(5))
    assert (forecast.threshold, forecast.voters) == (0.4, 2)
    guarding = seen(judge(RiskOff(), Constant()), market, market.own.tail(5))
    assert (guarding.threshold, guarding.lacking) == (None, "")
    assert set(guarding.stop) == set(guarding.target) == {None}


def test_what_it_reads_besides_candles_is_told_and_bears_being_unknown():
    market = sample_market(600, timeframe=Timeframe.M5)
    found = seen(judge(Hft()), market, market.own.tail(5))
    assert (found.unread, found.lacking, found.score) == (("book_imbalance", "micro_price"), "", (0.0,) * 5)
    assert np.isnan(lines(found)["imbalance"]).all()


def test_why_nothing_is_seen_is_a_sentence():
    market = sample_market(300)
    shown = market.own.tail(5)
    assert "expected a timeframe" in seen(judge(STRATEGIES["momentum_24h"]()), market, shown).lacking
    assert seen(judge(Failing()), market, shown).lacking == "failing: ZeroDivisionError: no volume"
    young = sample_market(8)
    assert seen(judge(Constant()), young, young.own).lacking == "constant needs more than 10 candles, found 8"
    for feed, candles in ((None, shown), (MadeFeed(market), None)):
        assert (
            asyncio.run(seen_by(judge(Constant()), feed, candles)).lacking
            == "There are no candles that it could judge."
        )


def test_what_fails_at_prices_that_there_never_were_is_shown_all_the_same():
    class Particular(Constant):
        def evaluate(self, market: Market) -> Scores:
            if market.own.close[-1] > 2:
                raise ArithmeticError
            return super().evaluate(market)

    market = sample_market(300)
    found = seen(judge(Particular()), market, market.own.tail(5))
    assert (found.lacking, found.over, [line.name for line in found.beside]) == ("", (), ["close"])


def test_a_strategy_is_found_by_its_name_with_the_parameters_that_the_account_has(ask: Ask, home):
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(
        accounts.read_text().replace(
            "{name: breakout}", "{name: breakout, parameters: {channel_period: 33}}, {name: adaptive_trump_gold}"
        )
    )

    async def look(desk) -> tuple[Judge, Judge, tuple[str, ...]]:
        fleet = desk.fleet
        with pytest.raises(NotUnderstood, match=r"expected a strategy of fresh: breakout, adaptive_gold.*breakot"):
            judge_of(fleet, "fresh", "breakot")
        with pytest.raises(NotUnderstood, match="sample"):
            judge_of(fleet, "sampel", "breakout")
        both = (judge_of(fleet, "fresh", name) for name in ("breakout", "adaptive_trump_gold"))
        return (*both, strategies_of(fleet.account("fresh")))

    breakout, renamed, names = ask(look)
    assert (breakout.strategy.model_dump()["channel_period"], breakout.written) == (33, {"channel_period": 33})
    assert renamed.strategy.name == "adaptive_gold"
    assert names == ("breakout", "adaptive_gold")
