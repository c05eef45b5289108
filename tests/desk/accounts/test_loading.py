"""What is read from a correct configuration."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import Fleet, RecordedFeed, load_fleet, policy_of
from desk.adapters.feeds.catalogue import CATALOGUE
from desk.errors import ConfigError
from desk.model.cycle import Mode
from desk.model.timeframe import Timeframe

ACCOUNTS, POLICY = "accounts.yaml", "policy.yaml"
SAMPLE = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def sample() -> Fleet:
    return load_fleet(SAMPLE, catalogue=CATALOGUE)


def test_the_sample_fleet_has_ten_oanda_accounts_one_for_each_crypto_venue_and_one_of_a_universe(sample: Fleet) -> None:
    venues = [account.venue.value for account in sample.accounts.values()]
    assert {venue: venues.count(venue) for venue in venues} == {"oanda": 10, "coinbase": 1, "kucoin": 2, "aster": 2}
    assert [name for name, account in sample.accounts.items() if account.universe] == ["kucoin-universe"]


def test_the_sample_fleet_is_complete_and_without_a_warning(sample: Fleet) -> None:
    assert sample.warnings == ()
    assert {account.mode for account in sample.accounts.values()} == {Mode.PAPER}
    inactive = [account.name for account in sample.accounts.values() if not account.active]
    assert inactive == ["oanda-mean-reversion", "oanda-trend-following", "aster-order-book"]


def test_no_two_accounts_of_the_sample_fleet_start_in_the_same_second(sample: Fleet) -> None:
    offsets = [account.schedule.offset for account in sample.accounts.values() if account.schedule.every]
    assert len(offsets) == len(set(offsets))


def test_every_account_of_the_sample_fleet_can_decide(sample: Fleet) -> None:
    for name, account in sample.accounts.items():
        policy = policy_of(sample, name)
        assert policy.account == name
        assert policy.instruments == account.instruments
        assert max(entry.strategy.warm_up for entry in policy.strategies) < policy.lookback


def test_a_decimal_is_what_is_written_to_the_last_digit(write: Callable[..., Path]) -> None:
    for written in ("100_000.10", '"100000.10"', "100000.10"):
        fleet = load_fleet(write(ACCOUNTS, "100_000.10", written))
        assert str(fleet.account("oanda-gold").starting_cash) == "100000.10"


def test_what_an_account_leaves_out_has_a_default(write: Callable[..., Path]) -> None:
    account = load_fleet(write(ACCOUNTS, "    mode: paper\n    active: true\n", "")).account("oanda-gold")
    assert account.mode is Mode.DRY_RUN
    assert account.active
    assert account.late_after == timedelta(minutes=5)


def test_defaults_hold_where_an_account_says_nothing(write: Callable[..., Path]) -> None:
    folder = write(ACCOUNTS, "    lookback: 400\n", "")
    accounts = folder / ACCOUNTS
    accounts.write_text(f"defaults: {{lookback: 500, timeframe: H1}}\n{accounts.read_text()}")
    account = load_fleet(folder).account("oanda-gold")
    assert account.lookback == 500
    assert account.timeframe is Timeframe.M5


def test_merge_keys_are_read_and_what_stands_beside_them_wins(write: Callable[..., Path]) -> None:
    text = "    <<: {lookback: 500, description: merged}\n"
    account = load_fleet(write(ACCOUNTS, "    lookback: 400\n", text)).account("oanda-gold")
    assert account.lookback == 500
    assert account.description == "Trades gold."


def test_the_first_source_of_a_merge_has_the_last_word(write: Callable[..., Path]) -> None:
    text = "    <<: [{lookback: 500}, {lookback: 600}]\n"
    assert load_fleet(write(ACCOUNTS, "    lookback: 400\n", text)).account("oanda-gold").lookback == 500


def test_an_override_replaces_rules_of_its_name_and_adds_others(write: Callable[..., Path]) -> None:
    rules = "entry_score: 0.4\n    rules: [{name: cooldown, period: 1m}, {name: number_of_positions, limit: 2}]"
    policy = policy_of(load_fleet(write(POLICY, "entry_score: 0.4", rules)), "oanda-gold")
    assert [rule.name for rule in policy.rules] == ["total_exposure", "cooldown", "number_of_positions"]
    assert policy.rules[1].model_dump()["period"] == timedelta(minutes=1)
    assert policy.entry_score == 0.4
    assert policy.exit_score == 0.3


def test_a_policy_has_everything_that_is_written_about_the_account(write: Callable[..., Path]) -> None:
    policy = policy_of(load_fleet(write()), "oanda-gold")
    assert policy.strategies[0].weight == 2
    assert policy.strategies[0].strategy.model_dump()["fast_period"] == 12
    assert policy.sizing.model_dump()["fraction"] == Decimal("0.005")
    assert policy.time_limit == timedelta(days=1)


def test_files_of_a_feed_are_counted_from_the_folder_of_the_configuration(write: Callable[..., Path]) -> None:
    fleet = load_fleet(write())
    feed = fleet.feeds["history"]
    assert isinstance(feed, RecordedFeed)
    assert feed.paths(fleet.directory) == {"EUR/USD": fleet.directory / "eur.parquet"}


def test_a_schedule_faster_than_its_candles_is_a_warning(write: Callable[..., Path]) -> None:
    folder = write(ACCOUNTS, "every: 5m", "every: 30s")
    assert load_fleet(folder).warnings == (
        f"{folder}/{ACCOUNTS}:37: accounts.oanda-gold.schedule: expected a scan for each M5 candle at most, "
        "found one every 30s; the others find nothing to do",
    )


def test_an_unknown_account_is_told_with_the_nearest_name(write: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match=r"expected an account, found 'oanda-god'; did you mean 'oanda-gold'\?"):
        load_fleet(write()).account("oanda-god")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (ACCOUNTS, "seed: 7", "seed: 8"),
        (ACCOUNTS, "taker_fee_bps: 0.5", "taker_fee_bps: 0.6"),
        (ACCOUNTS, "lookback: 400", "lookback: 401"),
        (ACCOUNTS, "weight: 2", "weight: 3"),
        (ACCOUNTS, "fast_period: 12", "fast_period: 13"),
        (ACCOUNTS, "      - EUR/USD\n", ""),
        (ACCOUNTS, "timeframe: M5", "timeframe: M5\n    late_after: 1m"),
        (POLICY, "multiple: 3", "multiple: 4"),
        (POLICY, "fraction: 0.005", "fraction: 0.006"),
        (POLICY, "entry_score: 0.4", "entry_score: 0.5"),
        (POLICY, "time_limit: 1d", "time_limit: 2d"),
    ],
)
def test_the_version_changes_with_everything_that_shapes_a_decision(
    write: Callable[..., Path], file: str, old: str, new: str
) -> None:
    assert _version(write(file, old, new)) != _version(write())


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (ACCOUNTS, "description: Trades gold.", "description: Buys and sells gold."),
        (ACCOUNTS, "active: true", "active: no"),
        (ACCOUNTS, "offset: 5s", "offset: 7s"),
        (ACCOUNTS, "fast_period: 12", "slow_period: 36"),
        (ACCOUNTS, "taker_fee_bps: 0.5", "taker_fee_bps: 0.50"),
        (POLICY, "period: 15m", "period: PT900S"),
        (POLICY, "entry_score: 0.35", "entry_score: 0.5"),
        (POLICY, "policies:", "policies: # of mine"),
    ],
)
def test_the_version_stays_where_no_decision_changes(write: Callable[..., Path], file: str, old: str, new: str) -> None:
    assert _version(write(file, old, new)) == _version(write())


def _version(folder: Path) -> str:
    return load_fleet(folder).account("oanda-gold").config_version
