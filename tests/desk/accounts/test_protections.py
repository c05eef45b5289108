"""Protections of freqtrade: read under their own names, translated for the account's candles, refused where unclear."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from desk.accounts import load_fleet, policy_of
from desk.accounts.showing import show
from desk.errors import ConfigError
from desk.plugin import RiskRule
from desk.risk.cooldown import Cooldown
from desk.risk.low_profit_lock import LowProfitLock
from desk.risk.stop_loss_guard import StopLossGuard
from desk.risk.trade_drawdown import TradeDrawdown
from tests.desk.accounts.conftest import WriteConfiguration
from tests.test_docs import ROOT, blocks, configure

ACCOUNTS, POLICY = "accounts.yaml", "policy.yaml"
RULES = "    rules:\n"
MINUTES = timedelta(minutes=1)

Load = Callable[..., tuple[RiskRule, ...]]


@pytest.fixture
def load(write: WriteConfiguration) -> Load:
    """Loads the account, which acts on M5 candles, with these protections, and returns the rules that they become."""

    def load(*protections: str) -> tuple[RiskRule, ...]:
        listed = ", ".join(f"{{{keys}}}" for keys in protections)
        fleet = load_fleet(write(POLICY, RULES, f"    protections: [{listed}]\n{RULES}"))
        return policy_of(fleet, "oanda-gold").rules[2:]

    return load


def test_a_cooldown_period_is_the_cooldown(load: Load) -> None:
    assert load("method: CooldownPeriod, stop_duration_candles: 5") == (Cooldown(period=25 * MINUTES),)
    assert load("method: CooldownPeriod, stop_duration: 7.5") == (Cooldown(period=timedelta(seconds=450)),)
    assert load("method: CooldownPeriod, unlock_at: 08:30") == (Cooldown(unlock_at="08:30"),)


def test_a_stoploss_guard_is_the_stop_loss_guard(load: Load) -> None:
    period = "method: StoplossGuard, lookback_period_candles: 24, stop_duration_candles: 4, trade_limit: 3"
    common = {"lookback": 120 * MINUTES, "pause": 20 * MINUTES, "stops": 3}
    assert load(period) == (StopLossGuard(**common),)
    assert load(f"{period}, required_profit: -0.01, only_per_pair: true, only_per_side: true") == (
        StopLossGuard(**common, profit_below=Decimal("-0.01"), per_instrument=True, per_side=True),
    )


def test_a_max_drawdown_is_the_drawdown_of_trades(load: Load) -> None:
    keys = "lookback_period: 240, stop_duration: 60, trade_limit: 20, max_allowed_drawdown: 0.2"
    assert load(f"method: MaxDrawdown, {keys}") == (
        TradeDrawdown(lookback=240 * MINUTES, pause=60 * MINUTES, trades=20, limit=Decimal("0.2")),
    )


def test_low_profit_pairs_are_the_low_profit_lock(load: Load) -> None:
    keys = "lookback_period_candles: 6, stop_duration: 60, trade_limit: 2, required_profit: 0.02, only_per_side: true"
    assert load(f"method: LowProfitPairs, {keys}") == (
        LowProfitLock(
            lookback=30 * MINUTES, pause=60 * MINUTES, trades=2, required_profit=Decimal("0.02"), per_side=True
        ),
    )


def test_one_protection_can_be_there_twice_and_the_order_is_kept(load: Load) -> None:
    short, long = (f"method: CooldownPeriod, stop_duration: {minutes}" for minutes in (5, 60))
    assert load(short, long) == (Cooldown(period=5 * MINUTES), Cooldown(period=60 * MINUTES))


def test_a_list_as_it_stands_in_a_strategy_of_freqtrade_can_be_pasted(write: WriteConfiguration) -> None:
    pasted = """\
    protections: [
        {
            "method": "CooldownPeriod",  # after each trade
            "stop_duration_candles": 3
        },
        {
            "method": "StoplossGuard",
            "lookback_period_candles": 48,
            "trade_limit": 2,
            "stop_duration_candles": 12,
            "only_per_pair": False,
        },
    ]
"""
    rules = policy_of(load_fleet(write(POLICY, RULES, pasted + RULES)), "oanda-gold").rules[2:]
    assert [rule.name for rule in rules] == ["cooldown", "stop_loss_guard"]
    assert rules[1].per_instrument is False


def test_candles_are_those_of_the_account(write: WriteConfiguration) -> None:
    protections = "    protections: [{method: CooldownPeriod, stop_duration_candles: 4}]\n"
    folder = write(POLICY, RULES, protections + RULES)
    accounts = folder / ACCOUNTS
    accounts.write_text(accounts.read_text().replace("timeframe: M5", "timeframe: H1"))
    assert policy_of(load_fleet(folder), "oanda-gold").rules[-1] == Cooldown(period=timedelta(hours=4))


def test_what_a_protection_has_become_is_shown(write: WriteConfiguration) -> None:
    keys = "method: StoplossGuard, lookback_period_candles: 24, trade_limit: 4, unlock_at: 08:30"
    shown = show(load_fleet(write(POLICY, RULES, f"    protections: [{{{keys}}}]\n{RULES}")), "oanda-gold")
    policy = YAML(typ="safe", pure=True).load(shown)["policy"]
    assert policy["protections"] == [
        "StoplossGuard is the rule stop_loss_guard: lookback 2h, unlock_at 08:30, stops 4, profit_below 0, "
        "per_instrument false, per_side false"
    ]
    assert policy["rules"][-1]["name"] == "stop_loss_guard"
    assert policy["rules"][-1]["unlock_at"] == "08:30"


def test_an_account_without_protections_shows_none(write: WriteConfiguration) -> None:
    assert "protections" not in show(load_fleet(write()), "oanda-gold")


def test_an_override_replaces_all_protections(write: WriteConfiguration) -> None:
    protections = "    protections: [{method: CooldownPeriod, stop_duration_candles: 4}]\n"
    folder = write(POLICY, RULES, protections + RULES)
    written = (folder / POLICY).read_text()
    for own, rules in (("[]", ()), ("[{method: CooldownPeriod, unlock_at: 06:00}]", (Cooldown(unlock_at="06:00"),))):
        override = f"entry_score: 0.4\n    protections: {own}"
        (folder / POLICY).write_text(written.replace("entry_score: 0.4", override))
        assert policy_of(load_fleet(folder), "oanda-gold").rules[2:] == rules


def test_a_protection_changes_the_version_of_the_configuration(write: WriteConfiguration) -> None:
    before = load_fleet(write()).account("oanda-gold").config_version
    protections = "    protections: [{method: CooldownPeriod, stop_duration_candles: 4}]\n"
    assert load_fleet(write(POLICY, RULES, protections + RULES)).account("oanda-gold").config_version != before


GUARD = "method: StoplossGuard, trade_limit: 4, lookback_period: 60"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("method: LowProfitPair", "expected one of .*, found 'LowProfitPair'; did you mean 'LowProfitPairs'"),
        ("stop_duration: 60", r"\.method: expected one of CooldownPeriod, .*, found nothing"),
        (f"{GUARD}, stop_duratio: 60", "expected a known key, found 'stop_duratio'; did you mean 'stop_duration'"),
        ("method: CooldownPeriod, stop_duration: 0", "stop_duration: expected a number above 0, up to 10080"),
        ("method: CooldownPeriod, stop_duration: .nan", "stop_duration: expected a number above 0"),
        ("method: CooldownPeriod, stop_duration_candles: -3", "stop_duration_candles: expected a whole number from 1"),
        ("method: CooldownPeriod, unlock_at: '8'", "unlock_at: expected a time of day in UTC such as 08:30, found '8'"),
        (f"{GUARD}, stop_duration: 60, only_per_pair: 1", "only_per_pair: expected true or false, found 1"),
        ("method: CooldownPeriod", "expected stop_duration_candles, stop_duration or unlock_at, found none of them; "
         "what freqtrade takes then is stop_duration: 60"),
        ("method: CooldownPeriod, stop_duration: 60, stop_duration_candles: 2",
         "stop_duration: expected one of .*, found 'stop_duration' besides 'stop_duration_candles' on line"),
        (f"{GUARD}, stop_duration: 60, unlock_at: 08:00", "unlock_at: expected one of .*; leave one out"),
        (f"{GUARD}, stop_duration: 60, lookback_period_candles: 3",
         "found 'lookback_period' besides 'lookback_period_candles'"),
        ("method: StoplossGuard, trade_limit: 4, stop_duration: 60",
         "expected lookback_period_candles or lookback_period, found none of them"),
        ("method: StoplossGuard, lookback_period: 60, stop_duration: 60",
         "trade_limit: expected trade_limit of StoplossGuard, found nothing; freqtrade takes 10 then"),
        ("method: MaxDrawdown, trade_limit: 4, lookback_period: 60, stop_duration: 60",
         "max_allowed_drawdown: expected max_allowed_drawdown of MaxDrawdown, found nothing"),
        ("method: CooldownPeriod, stop_duration: 60, trade_limit: 4",
         "trade_limit: expected a key that CooldownPeriod looks at, found 'trade_limit'; known are .*; leave it out"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_refused_at_its_line_with_a_hint(load: Load, keys: str, told: str) -> None:
    with pytest.raises(ConfigError, match=rf"policy\.yaml:10: policies\.balanced\.protections\[0\].*{told}"):
        load(keys)


def test_each_problem_is_told_once(load: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        load("method: CooldownPeriod, trade_limit: 4")
    assert len(str(caught.value).splitlines()) == 2


def test_a_problem_of_an_override_is_told_there(write: WriteConfiguration) -> None:
    keys = "entry_score: 0.4\n    protections:\n      - method: CooldownPeriod"
    with pytest.raises(ConfigError, match=r"overrides\.oanda-gold\.protections\[0\]: expected stop_duration_candles"):
        load_fleet(write(POLICY, "entry_score: 0.4", keys))


def test_more_candles_than_a_rule_looks_back_are_refused_with_the_timeframe(write: WriteConfiguration) -> None:
    keys = "method: CooldownPeriod, stop_duration_candles: 3000"
    folder = write(POLICY, RULES, f"    protections: [{{{keys}}}]\n{RULES}")
    translation = r"found one that does not \(CooldownPeriod is the rule cooldown: period 10d10h\): .*7 days"
    with pytest.raises(ConfigError, match=rf"accounts\.oanda-gold\.policy: expected .* M5 candles, {translation}"):
        load_fleet(folder)


def test_the_page_shows_what_its_example_becomes(tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "bring-freqtrade-protections.md"
    configure(page, tmp_path)
    shown = YAML(typ="safe", pure=True).load(show(load_fleet(tmp_path / "config"), "coinbase-spot"))
    [printed] = (block for block in blocks(page) if block.text.startswith("protections:"))
    assert shown["policy"]["protections"] == YAML(typ="safe", pure=True).load(printed.text)["protections"]
