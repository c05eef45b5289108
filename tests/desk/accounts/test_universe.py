"""universe.yaml: what it says, what an account has of it, and how a mistake is told."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import load_fleet, policy_of
from desk.accounts.showing import resolved, show
from desk.accounts.spec import Venue
from desk.errors import ConfigError
from desk.model.instrument import InstrumentKind
from desk.universe.rules import DynamicPart
from tests.desk.accounts.conftest import ACCOUNTS

FILE = "universe.yaml"
UNIVERSE = """\
universes:
  metals:
    venues: [oanda]
    quote: USD
    kinds: [metal, fx]
    dynamic:
      count: 5
      maximum_spread_bps: 3
      allocation: 0.5
    tiers:
      gold: {instruments: [XAU/USD], allocation: 0.75}
    exclude: ["*/JPY"]
    allocations: {EUR/USD: 0.2}
    rules:
      - when:
          - {kind: price_move, candles: 12, atr: 2}
        size: 0.5
        conviction: 0.8
    refresh: 12h
"""
LISTED = "    instruments:\n      - XAU/USD\n      - EUR/USD\n"
STRATEGIES = """\
    strategies:
      - name: momentum_trading
        weight: 2
        parameters:
          fast_period: 12
"""
CATALOGUE = ("EUR/USD", "GBP/USD", "XAU/USD", "BTC/USDT:USDT")
GOLD = "accounts.oanda-gold"


@pytest.fixture
def put(write: Callable[..., Path]) -> Callable[..., Path]:
    """Writes the configuration of an account that trades a universe, with something else in each file if need be."""

    def put(old: str = "", new: str = "", *, account: str = "    universe: metals\n", strategies: str = "") -> Path:
        folder = write("accounts.yaml", LISTED, account)
        text = (folder / "accounts.yaml").read_text()
        assert STRATEGIES in text
        (folder / "accounts.yaml").write_text(text.replace(STRATEGIES, strategies))
        assert old in UNIVERSE, old
        (folder / FILE).write_text(UNIVERSE.replace(old, new) if old else UNIVERSE)
        return folder

    return put


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load_fleet(folder, catalogue=CATALOGUE)
    return [line.removeprefix(f"{folder}/") for line in str(error.value).split("\n")]


def test_an_account_has_the_universe_its_rules_and_its_allocations(put: Callable[..., Path]) -> None:
    policy = policy_of(load_fleet(put(), catalogue=CATALOGUE), "oanda-gold")
    assert policy.instruments == ()
    assert policy.universe is not None
    assert policy.universe.tiers == {"gold": ("XAU/USD",)}
    assert policy.universe.kinds == {InstrumentKind.METAL, InstrumentKind.FX}
    assert policy.universe.dynamic == DynamicPart(count=5, maximum_spread_bps=Decimal(3))
    assert (policy.universe.excluded, policy.universe.refresh) == (("*/JPY",), timedelta(hours=12))
    [weighted] = policy.strategies
    assert [(rule.size, rule.conviction) for rule in weighted.strategy.rules] == [(0.5, 0.8)]
    assert [(part.name, part.multiple) for part in policy.rules[-1].parts] == [
        ("tier gold", Decimal("0.75")),
        ("allocation of EUR/USD", Decimal("0.2")),
    ]
    assert policy.rules[-1].rest == Decimal("0.5")


def test_what_is_chosen_has_no_more_than_the_whole_equity_where_nothing_else_is_said(put: Callable[..., Path]) -> None:
    said = UNIVERSE[UNIVERSE.index("      allocation: 0.5") : UNIVERSE.index("    exclude")]
    folder = put(said, "")
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace("    allocations: {EUR/USD: 0.2}\n", ""))
    rule = policy_of(load_fleet(folder, catalogue=CATALOGUE), "oanda-gold").rules[-1]
    assert rule.model_dump(include={"name", "parts", "rest"}) == {"parts": (), "rest": Decimal(1)}
    assert rule.name == "allocation"


def test_rules_of_a_universe_stand_beside_the_strategies_of_the_account(put: Callable[..., Path]) -> None:
    fleet = load_fleet(put(strategies="    strategies: [{name: breakout}]\n"), catalogue=CATALOGUE)
    assert [one.strategy.name for one in policy_of(fleet, "oanda-gold").strategies] == ["breakout", "triggered"]


def test_what_shapes_a_decision_is_in_the_version_and_what_does_not_is_not(put: Callable[..., Path]) -> None:
    def version(old: str = "", new: str = "") -> str:
        return load_fleet(put(old, new), catalogue=CATALOGUE).account("oanda-gold").config_version

    usual = version()
    assert version("count: 5", "count: 6") != usual
    assert version("conviction: 0.8", "conviction: 0.7") != usual
    assert version("EUR/USD: 0.2", "EUR/USD: 0.3") != usual
    assert version("venues: [oanda]", "venues: [oanda, aster]") == usual


def test_the_account_is_shown_with_its_universe_and_what_follows_from_it(put: Callable[..., Path]) -> None:
    fleet = load_fleet(put(), catalogue=CATALOGUE)
    found = resolved(fleet, "oanda-gold")
    assert found["universe"]["name"] == "metals"
    assert "instruments" not in found
    assert "rules" not in found["universe"]
    assert "name: triggered" in show(fleet, "oanda-gold")
    assert "&id" not in show(fleet, "oanda-gold")


IN = "universes.metals"
MISTAKES = [
    # What is written instead of what; the file with its line, the key and the message that must come of it.
    ("count: 5", "count: 0", f"{FILE}:7", f"{IN}.dynamic.count", "expected a whole number from 1 to 200, found 0"),
    ("quote: USD", "quot: USD", f"{FILE}:4", f"{IN}.quot",
     "expected a known key, found 'quot'; did you mean 'quote'?"),
    ("kind: price_move", "kind: price_mov", f"{FILE}:16", f"{IN}.rules[0].when[0].kind",
     "expected a trigger of kind price_move, volume_surge or new_extreme, found 'price_mov'; did you mean "
     "'price_move'?"),
    (", atr: 2", "", f"{FILE}:16", f"{IN}.rules[0].when[0]", "expected either fraction or atr, found neither"),
    ("size: 0.5", "size: 2", f"{FILE}:17", f"{IN}.rules[0].size", "expected a fraction above 0, up to 1, found 2"),
    ("[XAU/USD]", "[XAU/USDD]", f"{FILE}:11", f"{IN}.tiers.gold.instruments[0]",
     "expected an instrument of the feed of every account that has the universe, found 'XAU/USDD'; did you mean "
     "'XAU/USD'?"),
    ("[XAU/USD]", "[XAU/USD, XAU/USD]", f"{FILE}:11", f"{IN}.tiers.gold.instruments[1]",
     "expected each instrument in one tier, found 'XAU/USD' on line 11 already"),
    ("[XAU/USD]", "[XAU/EUR]", f"{FILE}:11", f"{IN}.tiers.gold.instruments[0]",
     "expected an instrument that is quoted in USD, as its universe is, found 'XAU/EUR'"),
    ("[XAU/USD]", "['BTC/USD:USD']", f"{FILE}:11", f"{IN}.tiers.gold.instruments[0]",
     "expected an instrument of kind metal or fx, as its universe has it, found 'BTC/USD:USD'"),
    ("[metal, fx]", "[perpetual]", f"{FILE}:11", f"{IN}.tiers.gold.instruments[0]",
     "expected a perpetual such as BTC/USDT:USDT, as its universe has it, found 'XAU/USD'"),
    ("0.75", "0", f"{FILE}:11", f"{IN}.tiers.gold.allocation", "expected a number above 0, up to 50, found 0"),
    ("refresh: 12h", "refresh: 1m", f"{FILE}:19", f"{IN}.refresh", "expected a duration from 1h to 30d, found '1m'"),
    ("[oanda]", "[kucoin]", "accounts.yaml:26", f"{GOLD}.universe",
     "expected a universe for oanda, found 'metals', which is for kucoin"),
    ("metals:", "medals:", "accounts.yaml:26", f"{GOLD}.universe",
     "expected the name of a universe in universe.yaml, found 'metals'; did you mean 'medals'?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "key", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_line_its_key_and_the_nearest_name(
    put: Callable[..., Path], old: str, new: str, place: str, key: str, message: str
) -> None:
    assert f"{place}: {key}: {message}" in problems(put(old, new))


def test_an_account_has_either_instruments_or_a_universe(put: Callable[..., Path]) -> None:
    (both,) = problems(put(account=f"    universe: metals\n{LISTED}"))
    assert both == f"accounts.yaml:26: {GOLD}.universe: expected either instruments or a universe, found both"
    assert any(
        "expected a list of 1 to 200 instruments, or `universe` with the name of one, found nothing" in problem
        for problem in problems(put(account=""))
    )


@pytest.mark.parametrize("venue", list(Venue))
def test_an_account_with_a_universe_is_not_live_at_any_venue(put: Callable[..., Path], venue: Venue) -> None:
    folder = put("    venues: [oanda]\n")
    text = (folder / "accounts.yaml").read_text().replace("venue: oanda", f"venue: {venue}")
    (folder / "accounts.yaml").write_text(text.replace("mode: paper", "mode: live"))
    assert (
        f"accounts.yaml:21: {GOLD}.mode: expected paper or dry_run, since the account trades a universe, found live; "
        "to trade at the venue give it a list of instruments instead"
    ) in problems(folder)


def test_a_mode_that_stands_in_the_defaults_is_told_of_the_account(put: Callable[..., Path]) -> None:
    folder = put()
    text = (folder / "accounts.yaml").read_text().replace("    mode: paper\n", "")
    (folder / "accounts.yaml").write_text(f"defaults: {{mode: live}}\n{text}")
    assert any(problem.startswith(f"accounts.yaml:1: {GOLD}.mode: expected paper") for problem in problems(folder))


def test_where_only_the_venue_knows_a_tier_may_have_any_instrument(put: Callable[..., Path]) -> None:
    folder = put("[XAU/USD]", "[PEPE/USD]")
    assert load_fleet(folder).universes["metals"].tiers["gold"].instruments == ("PEPE/USD",)
    with pytest.raises(ConfigError, match="found 'PEPE/USD'"):
        load_fleet(folder, catalogue=CATALOGUE)


def test_without_rules_an_account_needs_a_strategy(put: Callable[..., Path]) -> None:
    (problem,) = problems(put(UNIVERSE[UNIVERSE.index("    rules:") : UNIVERSE.index("    refresh")], ""))
    assert "expected a list of strategies, since the universe 'metals' has no rules, found nothing" in problem


def test_rules_come_from_one_place(put: Callable[..., Path]) -> None:
    (problem,) = problems(put(strategies="    strategies: [{name: triggered}]\n"))
    assert "expected the rules of the universe 'metals' alone, found a strategy of rules too" in problem


def test_a_universe_that_chooses_nothing_is_told(put: Callable[..., Path]) -> None:
    chosen = UNIVERSE[UNIVERSE.index("    dynamic:") : UNIVERSE.index("    exclude")]
    (problem,) = problems(put(chosen, ""))
    assert problem.endswith("universes.metals.dynamic: expected `dynamic`, `tiers` or both, found neither")


def test_nobody_has_to_keep_a_universe(write: Callable[..., Path]) -> None:
    assert ACCOUNTS
    assert load_fleet(write(), catalogue=CATALOGUE).universes == {}
