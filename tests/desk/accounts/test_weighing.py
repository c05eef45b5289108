"""Regimes, votes and sides as they are written: read exactly, with defaults, refused where they mean nothing."""

from collections.abc import Callable

import pytest
from ruamel.yaml import YAML

from desk.accounts import load_fleet, policy_of
from desk.accounts.showing import show
from desk.decide import Policy
from desk.decide.sides import LongMarket, ShortMarket, SideRules
from desk.decide.weights import RecordBounds, VoteRules
from desk.errors import ConfigError
from desk.model.regimes import Regime
from desk.regimes.limits import RegimeLimits
from tests.desk.accounts.conftest import WriteConfiguration

POLICY, RULES = "policy.yaml", "    rules:\n"


@pytest.fixture
def load(write: WriteConfiguration) -> Callable[[str], Policy]:
    """Loads the account with these lines in its policy, and returns what it decides by."""

    def load(line: str) -> Policy:
        return policy_of(load_fleet(write(POLICY, RULES, f"    {line}\n{RULES}")), "oanda-gold")

    return load


def test_without_the_keys_opinions_count_by_the_weights_of_their_strategies_alone(write: WriteConfiguration) -> None:
    policy = policy_of(load_fleet(write()), "oanda-gold")
    assert (policy.regimes, policy.votes, policy.sides) == (None, VoteRules(), None)


def test_a_weight_by_regime_has_regimes_told_with_the_usual_thresholds(load) -> None:
    policy = load("votes: {regimes: {trend: {breakout: 2, mean_reversion: 0}, crash: {breakout: 0.5}}}")
    expected = {Regime.TREND: {"breakout": 2.0, "mean_reversion": 0.0}, Regime.CRASH: {"breakout": 0.5}}
    assert (policy.votes.regimes, policy.regimes) == (expected, RegimeLimits())


def test_records_and_sides_and_thresholds_are_what_is_written(load) -> None:
    assert load("votes: {records: {lowest: 0.2, trades: 50}}").votes.records == RecordBounds(lowest=0.2, trades=50)
    assert load("sides: {long: cheapest, short: never, most_funding: 0.0001}").sides == SideRules(
        LongMarket.CHEAPEST, ShortMarket.NEVER, 0.0001
    )
    assert load("regimes: {trend_enter: 0.6, minimum_stay: 3}").regimes == RegimeLimits(trend_enter=0.6, minimum_stay=3)


def test_an_earlier_name_of_a_strategy_stands_for_its_present_one(load) -> None:
    votes = load("votes: {regimes: {trend: {adaptive_trump_gold: 0.5}}}").votes
    assert votes.regime_weight("adaptive_gold", Regime.TREND) == 0.5


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("votes: {regimes: {trend: {brakeout: 1}}}", "expected a strategy, found 'brakeout'; did you mean 'breakout'?"),
        ("votes: {regimes: {bull: {breakout: 1}}}", "expected one of range, trend, high_volatility, crash, found"),
        ("votes: {regimes: {trend: {breakout: -1}}}", "expected a number from 0 to 1000, found -1"),
        ("votes: {regimes: {trend: {breakout: true}}}", "expected a number, found true; true and false"),
        ("votes: {records: {lowest: 1.5}}", "expected a number from 0 to 1, found 1.5"),
        ("regimes: {trend_enter: 0.2}", "expected trend_exit below trend_enter, found 0.25 and 0.2"),
        ("regimes: {usual_period: 1000}", "expected 1001 candles or more, which the regimes of its policy need"),
        ("sides: {long: futures}", "expected one of spot, perpetual, cheapest, found 'futures'"),
        ("sides: {short: spot}", "expected one of perpetual, never, found 'spot'"),
    ],
)
def test_what_means_nothing_is_refused_with_what_was_expected(load, line: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(line)
    assert told in str(raised.value)


def test_they_are_shown_and_change_the_version_of_the_configuration(write: WriteConfiguration) -> None:
    plain = load_fleet(write())
    fleet = load_fleet(write(POLICY, RULES, f"    votes: {{regimes: {{crash: {{breakout: 0}}}}}}\n{RULES}"))
    shown = YAML(typ="safe").load(show(fleet, "oanda-gold"))["policy"]
    assert shown["votes"] == {"regimes": {"crash": {"breakout": 0.0}}}
    assert fleet.account("oanda-gold").config_version != plain.account("oanda-gold").config_version
