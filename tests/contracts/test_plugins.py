"""Every plug-in that is discovered keeps its contract."""

import inspect

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from desk import registry
from desk.contracts.plugins import check_plugin
from desk.contracts.strategies import check_shape, check_strategy, check_uses_the_past_only, market_for
from desk.plugin import Plugin, RiskRule, Sizing, Strategy
from tests.builders import INSTRUMENTS
from tests.contracts import samples
from tests.contracts.checks import check_rule, check_sizing

STRATEGIES = registry.strategies().discover()
SIZINGS = registry.sizings().discover()
RULES = registry.risk_rules().discover()
EVERYTHING = STRATEGIES | SIZINGS | RULES


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_plugin_is_named_for_its_file_documented_bounded_and_frozen(name):
    check_plugin(EVERYTHING[name], name)


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_plugin_is_not_abstract(name):
    assert not inspect.isabstract(EVERYTHING[name])


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_with_its_defaults_keeps_the_whole_contract(name):
    check_strategy(STRATEGIES[name]())


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_has_an_opinion_on_both_sides_now_and_then(name):
    strategy = STRATEGIES[name]()
    warm = slice(strategy.warm_up, None)
    usual, wild = (strategy.evaluate(market_for(strategy, 3_000, wildness=wildness)).score for wildness in (1.0, 8.0))
    assert max(usual[warm].max(), wild[warm].max()) > 0.5
    assert min(usual[warm].min(), wild[warm].min()) < -0.5
    assert (usual == 0).mean() > 0.2


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_says_what_each_value_means_that_a_chart_shows(name):
    strategy = STRATEGIES[name]()
    shown = strategy.evaluate(market_for(strategy, strategy.warm_up + 1)).features
    told = {feature: strategy.meaning(feature) for feature in shown}
    assert all(words.endswith(".") and len(words) < 100 for words in told.values()), told
    assert strategy.meanings.keys() <= shown.keys(), "it explains what it does not show"


@pytest.mark.parametrize("name", STRATEGIES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.data())
def test_a_strategy_keeps_shape_and_causality_with_any_parameters_on_any_market(name, data):
    strategy = any_instance(STRATEGIES[name], data)
    seed = data.draw(st.integers(0, 10_000))
    market = market_for(
        strategy, strategy.warm_up + 30, seed=seed, price=data.draw(st.sampled_from([0.006, 1.1, 65_000.0])),
        volume=data.draw(st.sampled_from([0.0, 100.0])), half_spread_bps=data.draw(st.sampled_from([None, 0.5])),
    )  # fmt: skip
    check_shape(strategy, market)
    check_uses_the_past_only(strategy, market, [data.draw(st.integers(1, len(market.own)))])


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), proposal=samples.proposals(), snapshot=samples.snapshots())
def test_a_rule_only_shrinks_says_why_and_is_monotone(name, data, proposal, snapshot):
    check_rule(any_instance(RULES[name], data), proposal, snapshot)


@pytest.mark.parametrize("name", SIZINGS)
@settings(max_examples=100, deadline=None)
@given(
    data=st.data(),
    snapshot=samples.snapshots(),
    instrument=st.sampled_from(sorted(INSTRUMENTS)),
    price=st.decimals("0.001", "100000", places=5),
    stop_distance=st.decimals("0.00001", "1000", places=5),
    more=st.decimals("0", "1000000", places=2),
)
def test_a_sizing_is_never_negative_and_grows_with_equity_alone(
    name, data, snapshot, instrument, price, stop_distance, more
):
    check_sizing(any_instance(SIZINGS[name], data), instrument, price, stop_distance, snapshot, more)


def test_there_is_something_to_check():
    assert {"momentum_trading", "mean_reversion", "breakout"} <= set(STRATEGIES)
    assert "fixed_fraction" in SIZINGS
    assert {"total_exposure", "position_size", "number_of_positions", "stale_data", "cooldown"} <= set(RULES)
    assert all(issubclass(plugin, Strategy | Sizing | RiskRule) for plugin in EVERYTHING.values())


def any_instance(plugin: type[Plugin], data: st.DataObject) -> Plugin:
    try:
        return plugin(**data.draw(samples.parameters(plugin)))
    except ValidationError:
        assume(False)
        raise
