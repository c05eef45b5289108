"""The contract checks accept a well-behaved strategy added as one file, and reject each way of misbehaving."""

import pytest
from pydantic import Field

from desk.contracts.plugins import check_plugin
from desk.contracts.strategies import check_strategy
from desk.model.reasons import Reason
from desk.model.surroundings import Importance
from desk.plugin import RiskRule, Sizing, TimeOfDay
from tests.builders import snapshot
from tests.contracts.checks import check_rule, check_sizing
from tests.contracts.samples import proposal


def test_a_well_behaved_strategy_in_one_file_is_found_and_accepted(write_strategy):
    strategy = write_strategy()
    check_plugin(type(strategy), "stand_in")
    check_strategy(strategy)


def test_a_strategy_that_aligns_a_longer_timeframe_is_accepted(write_strategy):
    check_strategy(
        write_strategy(
            "hourly = market.candles(Timeframe.H1).close; "
            "distance = distance * ramp(market.align(Timeframe.H1, hourly), 0, 1)",
            timeframes="(Timeframe.H1,)",
            score="from_warm_up(np.nan_to_num(score), self.warm_up)",
        )
    )


@pytest.mark.parametrize(
    "peek",
    [
        pytest.param("distance = np.append(distance[1:], distance[-1:])", id="the next candle"),
        pytest.param("distance = distance + close.sum() * 1e-3", id="the sum of all time"),
        pytest.param("distance = distance - np.nan_to_num(distance).max(initial=0)", id="the highest of all time"),
        pytest.param("distance = distance * (len(close) % 2)", id="how many candles there are"),
    ],
)
def test_a_strategy_that_peeks_is_rejected(write_strategy, peek):
    with pytest.raises(AssertionError, match="stand_in looks ahead"):
        check_strategy(write_strategy(peek))


def test_a_strategy_that_reads_a_longer_candle_before_it_has_closed_is_rejected(write_strategy):
    peek = (
        "hourly = market.candles(Timeframe.H1); "
        "rows = np.searchsorted(hourly.time, candles.time, side='right') - 1; "
        "unclosed = hourly.close[np.minimum(rows, len(hourly) - 1)] if len(hourly) else close; "
        "distance = (unclosed - close) / unit"
    )
    with pytest.raises(AssertionError, match="looks ahead"):
        check_strategy(write_strategy(peek, timeframes="(Timeframe.H1,)"))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param(
            {"body": "distance = np.sign(distance) * 9"}, "prices do not move", id="an opinion on float noise"
        ),
        pytest.param({"body": "distance = (close * 1e11) % 9 - 4"}, "jumps on a change of 1e-12", id="amplifies noise"),
        pytest.param({"body": "distance = distance + 1"}, "expected the score 0", id="an opinion on nothing"),
        pytest.param({"score": "from_warm_up(2 * score, self.warm_up)"}, r"must lie in \[-1, 1\]", id="out of range"),
        pytest.param({"score": "from_warm_up(score, self.warm_up + 5)"}, "must be finite", id="NaN after the warm-up"),
        pytest.param({"score": "score"}, "must be NaN before", id="numbers within the warm-up"),
        pytest.param({"score": "score[-1:]"}, "elements, found 1", id="the newest candle only"),
        pytest.param({"score": "score.astype(np.float32)"}, "must be float64", id="half the precision"),
        pytest.param({"body": "unit = unit * 0"}, "stop must be a distance above 0", id="no stop"),
        pytest.param(
            {"body": "distance = distance + np.cumsum(close) * 1e-3"}, "still depends on history", id="never forgets"
        ),
        pytest.param({"body": "import time; time.sleep(0.03)"}, r"expected 0\.02 s", id="slow"),
        pytest.param(
            {"body": "import random; distance = distance + 1e-3 * random.random()"},
            "differs when the same market is judged again",
            id="draws a random number",
        ),
        pytest.param(
            {"body": "distance = distance * market.latest('news_pressure')"},
            "score must be finite",
            id="cannot do without side data",
        ),
        pytest.param(
            {"body": "distance = distance * (1 + market.series['news_pressure'].values[-1])"},
            "looks ahead",
            id="the newest of a series for all candles",
        ),
        pytest.param(
            {"body": "found = market.series.get('book_imbalance'); np.asarray(found.values).fill(0) if found else 0"},
            "changes the book_imbalance",
            id="changes a series",
        ),
        pytest.param(
            {"body": "distance = np.where(np.diff(candles.time, prepend=candles.time[:1]) > 600, np.nan, distance)"},
            "score must be finite",
            id="stumbles over a gap",
        ),
        pytest.param(
            {"body": "own = close.base if close.base is not None else close; own[-1] = own[-1] * 1.01"},
            "changes the close of the M5 candles",
            id="changes its input",
        ),
    ],
)
def test_a_strategy_that_breaks_a_rule_is_rejected_with_the_rule(write_strategy, changes, complaint):
    with pytest.raises(AssertionError, match=complaint):
        check_strategy(write_strategy(**changes))


class Greedy(RiskRule):
    """Lets twice as much pass as was asked for, which no rule may."""

    def review(self, proposal, snapshot):
        twice = proposal.quantity * 2
        return self.finding(twice, limit=twice, observed=twice, unit="units", reason=None)


class Silent(Greedy):
    """Refuses without a reason."""

    def review(self, proposal, snapshot):
        nothing = proposal.quantity * 0
        return self.finding(nothing, limit=nothing, observed=nothing, unit="units", reason=None)


class AllOrNothing(Greedy):
    """Cuts large proposals to half and refuses small ones."""

    def review(self, proposal, snapshot):
        allowed = proposal.quantity / 2 if proposal.quantity >= 1000 else proposal.quantity * 0
        reason = Reason.POSITION_SIZE
        return self.finding(allowed, limit=allowed, observed=proposal.quantity, unit="units", reason=reason)


@pytest.mark.parametrize(
    ("rule", "complaint"), [(Greedy, "allowed 2000"), (Silent, "with the reason None"), (AllOrNothing, "only 0")]
)
def test_a_rule_that_grows_hides_or_skips_is_rejected(rule, complaint):
    with pytest.raises(AssertionError, match=complaint):
        check_rule(rule(), proposal(quantity="1000"), snapshot())


class Contrarian(Sizing):
    """Bets more the less there is, which ends in ruin."""

    def size(self, instrument, price, stop_distance, snapshot, strategy=""):
        return 1_000_000 / snapshot.money.equity


def test_a_sizing_that_shrinks_with_equity_is_rejected():
    a_price, a_stop = snapshot().quotes["EUR/USD"].ask, snapshot().money.equity / 1_000_000
    with pytest.raises(AssertionError, match="more equity makes"):
        check_sizing(Contrarian(), "EUR/USD", a_price, a_stop, snapshot(), snapshot().money.equity)


class Undocumented(Greedy):
    """Has a parameter that nobody explains, and one that knows no end of it all."""

    first: int = 1


class Choosing(Greedy):
    """Has parameters that are chosen among few values, or read by a validator, and need no lowest and highest one."""

    per_side: bool = Field(default=False, strict=True, description="Whether sides are told apart.")
    importance: Importance = Field(default=Importance.HIGH, description="The least that counts.")
    start: TimeOfDay = Field(default="08:00", description="When it begins.")
    end: TimeOfDay | None = Field(default=None, description="When it ends.")


class Unread(Greedy):
    """Has a parameter that is any text at all, which nothing has looked at before it is used."""

    zone: str = Field(default="UTC", description="A time zone.")


def test_a_parameter_with_few_values_needs_no_lowest_and_highest_one():
    Choosing.name = "choosing"
    check_plugin(Choosing, "choosing")


class Unbounded(Greedy):
    """Has a parameter that nobody explains, and one that knows no end of it all."""

    first: int = Field(default=1, ge=0, description="A count.")


@pytest.mark.parametrize(
    ("plugin", "name", "complaint"),
    [
        (Undocumented, "undocumented", "needs a description"),
        (Unbounded, "unbounded", "a lowest and a highest value"),
        (Unread, "unread", "a lowest and a highest value"),
        (Unbounded, "another", "the name of its file"),
    ],
)
def test_a_plugin_with_loose_parameters_or_another_name_is_rejected(plugin, name, complaint):
    plugin.name = plugin.__name__.lower()
    with pytest.raises(AssertionError, match=complaint):
        check_plugin(plugin, name)
