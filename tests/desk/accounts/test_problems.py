"""Every mistake in a configuration is told with file, line, key, what was expected and the nearest valid name."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.accounts import load_fleet
from desk.errors import ConfigError

ACCOUNTS, POLICY = "accounts.yaml", "policy.yaml"
GOLD = "accounts.oanda-gold"
DURATION = "a duration such as 30s, 5m, 1h, 1h30m, 2d or PT5M"
ABOVE_ZERO = "a duration above zero such as 30s, 5m, 1h, 1h30m, 2d or PT5M"
CRON = "five cron fields (minute hour day month weekday) such as '*/5 * * * *'"
RRULE = "an iCalendar rule such as FREQ=HOURLY;BYMINUTE=2"
MOMENT = "a time with its zone, such as 2014-05-05T00:00:00Z"
EVERY = "      every: 5m\n      offset: 5s"
INSTRUMENTS = "    instruments:\n      - XAU/USD\n      - EUR/USD"
CATALOGUE = ("EUR/USD", "GBP/USD", "XAU/USD", "BTC/USDT:USDT")

# What is written instead of what, in which file; the line, the key and the message that must come of it.
MISTAKES = [
    # Names that do not exist.
    (ACCOUNTS, "name: momentum_trading", "name: momentum_tradng", 32, f"{GOLD}.strategies[0].name",
     "expected a strategy, found 'momentum_tradng'; did you mean 'momentum_trading'?"),
    (ACCOUNTS, "policy: balanced", "policy: balancd", 36, f"{GOLD}.policy",
     "expected the name of a policy, found 'balancd'; did you mean 'balanced'?"),
    (ACCOUNTS, "feed: embedded", "feed: embeded", 23, f"{GOLD}.feed",
     "expected the name of a feed, found 'embeded'; did you mean 'embedded'?"),
    (ACCOUNTS, "venue: oanda", "venue: onada", 20, f"{GOLD}.venue",
     "expected one of oanda, coinbase, kucoin, aster, ccxt, found 'onada'; did you mean 'oanda'?"),
    (ACCOUNTS, "venue: oanda", "venue: kucoin", 20, f"{GOLD}.venue",
     "expected paper terms in venues.kucoin, found none; add them there"),
    (ACCOUNTS, "- EUR/USD", "- EUR/USDD", 28, f"{GOLD}.instruments[1]",
     "expected an instrument of the account's feed, found 'EUR/USDD'; did you mean 'EUR/USD'?"),
    (ACCOUNTS, "- EUR/USD", "- eur/usd", 28, f"{GOLD}.instruments[1]",
     "expected an instrument of the account's feed, found 'eur/usd'; did you mean 'EUR/USD'?"),
    (ACCOUNTS, "feed: embedded", "feed: history", 27, f"{GOLD}.instruments[0]",
     "expected an instrument of the account's feed, found 'XAU/USD'; did you mean 'EUR/USD'?"),
    (ACCOUNTS, "EUR/USD: eur", "EUR/USX: eur", 6, "feeds.history.files.EUR/USX",
     "expected an instrument of the desk's catalogue, or one whose kind, tick, lot and minimum_quantity stand under "
     "`instruments` of the feed or in its file, as by `desk data import FILE --instrument EUR/USX --timeframe "
     "TIMEFRAME --kind KIND --tick TICK --lot LOT --minimum-quantity QUANTITY`, found 'EUR/USX'; "
     "did you mean 'EUR/USD'?"),
    (ACCOUNTS, "timeframe: M5", "timeframe: m5", 29, f"{GOLD}.timeframe",
     "expected one of M1, M5, M10, M15, M30, H1, H2, H4, D1, found 'm5'; did you mean 'M5'?"),
    (ACCOUNTS, "kind: synthetic", "kind: synthetc", 2, "feeds.embedded.kind",
     "expected a feed of kind synthetic, recorded or venue, found 'synthetc'; did you mean 'synthetic'?"),
    (ACCOUNTS, "{kind: synthetic, seed: 7}", "{seed: 7}", 2, "feeds.embedded.kind",
     "expected a feed of kind synthetic, recorded or venue, found no kind"),
    (ACCOUNTS, "offset: 5s", "timezone: America/New_Yrok", 39, f"{GOLD}.schedule.timezone",
     "expected an IANA time zone, found 'America/New_Yrok'; did you mean 'America/New_York'?"),
    (POLICY, "fixed_fraction", "fixed_fracton", 4, "policies.balanced.sizing.name",
     "expected a sizing, found 'fixed_fracton'; did you mean 'fixed_fraction'?"),
    (POLICY, "total_exposure", "total_exposur", 11, "policies.balanced.rules[0].name",
     "expected a risk rule, found 'total_exposur'; did you mean 'total_exposure'?"),
    (POLICY, "  oanda-gold:", "  oanda-god:", 16, "overrides.oanda-god",
     "expected the name of an account, found 'oanda-god'; did you mean 'oanda-gold'?"),
    # Modes.
    (ACCOUNTS, "mode: paper", "mode: papr", 21, f"{GOLD}.mode",
     "expected dry_run, paper or live, found 'papr'; did you mean 'paper'?"),
    (ACCOUNTS, "mode: paper", "mode: live", 23, f"{GOLD}.feed",
     "expected the name of a connection, since the account is live, found none"),
    (ACCOUNTS, "mode: paper", "mode: shadow", 21, f"{GOLD}.mode",
     "expected dry_run, paper or live, found 'shadow'; that mode is not available yet"),
    (ACCOUNTS, "mode: paper", "mode: backtest", 21, f"{GOLD}.mode",
     "expected dry_run, paper or live, found 'backtest'; that mode is not available yet"),
    # Keys that do not exist.
    (ACCOUNTS, "description:", "descripton:", 19, f"{GOLD}.descripton",
     "expected a known key, found 'descripton'; did you mean 'description'?"),
    (ACCOUNTS, "offset: 5s", "ofset: 5s", 39, f"{GOLD}.schedule.ofset",
     "expected a known key, found 'ofset'; did you mean 'offset'?"),
    (ACCOUNTS, "fast_period: 12", "fast_perod: 12", 35, f"{GOLD}.strategies[0].parameters.fast_perod",
     "expected a known key, found 'fast_perod'; did you mean 'fast_period'?"),
    (ACCOUNTS, "speed: 60", "sped: 60", 10, "feeds.history.clock.sped",
     "expected a known key, found 'sped'; did you mean 'speed'?"),
    (ACCOUNTS, "max_leverage: 20", "max_leverge: 20", 16, "venues.oanda.max_leverge",
     "expected a known key, found 'max_leverge'; did you mean 'max_leverage'?"),
    (ACCOUNTS, "feeds:\n", "defaults: {lokback: 300}\nfeeds:\n", 1, "defaults.lokback",
     "expected a known key, found 'lokback'; did you mean 'lookback'?"),
    (POLICY, "overrides:", "override:", 15, "override",
     "expected a known key, found 'override'; did you mean 'overrides'?"),
    (POLICY, "entry_score: 0.4", "entry: 0.4", 17, "overrides.oanda-gold.entry",
     "expected a known key, found 'entry'; did you mean 'entry_score'?"),
    (POLICY, "fraction: 0.005", "fracton: 0.005", 6, "policies.balanced.sizing.parameters.fracton",
     "expected a known key, found 'fracton'; did you mean 'fraction'?"),
    (POLICY, "multiple: 3", "limit: 3", 12, "policies.balanced.rules[0].limit",
     "expected a known key, found 'limit'; known are multiple"),
    # Wrong types.
    (ACCOUNTS, "active: true", "active: maybe", 22, f"{GOLD}.active",
     "expected true or false, found 'maybe'"),
    (ACCOUNTS, "starting_cash: 100_000.10", "starting_cash: lots", 25, f"{GOLD}.starting_cash",
     "expected an amount above 0, up to 10^12, found 'lots'"),
    (ACCOUNTS, "starting_cash: 100_000.10", "starting_cash: true", 25, f"{GOLD}.starting_cash",
     "expected a number, found true; true and false are not numbers"),
    (ACCOUNTS, "starting_cash: 100_000.10", "starting_cash:", 25, f"{GOLD}.starting_cash",
     "expected an amount above 0, up to 10^12, since the account is not live, found nothing"),
    (ACCOUNTS, "    starting_cash: 100_000.10\n", "", 18, f"{GOLD}.starting_cash",
     "expected an amount above 0, up to 10^12, since the account is not live, found nothing"),
    (ACCOUNTS, "    currency: USD\n", "", 18, f"{GOLD}.currency",
     "expected a currency in capitals, such as USD or USDT, found nothing"),
    (ACCOUNTS, "currency: USD", "currency: usd", 24, f"{GOLD}.currency",
     "expected a currency in capitals, such as USD or USDT, found 'usd'"),
    (ACCOUNTS, "lookback: 400", "lookback: 300.5", 30, f"{GOLD}.lookback",
     "expected a whole number from 50 to 5000, found 300.5"),
    (ACCOUNTS, INSTRUMENTS, "    instruments: XAU/USD", 26, f"{GOLD}.instruments",
     "expected a list of 1 to 200 instruments, found 'XAU/USD'"),
    (ACCOUNTS, EVERY, "      5m", 37, f"{GOLD}.schedule",
     "expected a mapping with the keys every, cron, rrule, timezone, offset, found '5m'"),
    (ACCOUNTS, "fast_period: 12", "fast_period: twelve", 35, f"{GOLD}.strategies[0].parameters.fast_period",
     "expected a valid integer, found 'twelve'"),
    (ACCOUNTS, "start: 2014-05-05T00:00:00Z", "start: 2014-05-05T00:00:00", 8, "feeds.history.clock.start",
     f"expected {MOMENT}, found '2014-05-05T00:00:00'"),
    (ACCOUNTS, "start: 2014-05-05T00:00:00Z", "start: 2014", 8, "feeds.history.clock.start",
     f"expected {MOMENT}, found 2014"),
    (ACCOUNTS, "  history:\n", "  History:\n", 3, "feeds.History",
     "expected a name in small letters, digits, - and _, found 'History'"),
    (ACCOUNTS, "  oanda:\n", "  oanda: {maker_fee_bps: 0, taker_fee_bps: 0}\n  onada:\n", 13, "venues.onada",
     "expected one of oanda, coinbase, kucoin, aster, ccxt, found 'onada'; did you mean 'oanda'?"),
    (POLICY, "      - name: total_exposure\n        multiple: 3", "      - total_exposure", 11,
     "policies.balanced.rules[0]", "expected a mapping with the keys name, found 'total_exposure'"),
    (POLICY, "period: 15m", "period: soon", 14, "policies.balanced.rules[1].period",
     f"expected {DURATION}, found 'soon'"),
    # Limits.
    (ACCOUNTS, "starting_cash: 100_000.10", "starting_cash: -5", 25, f"{GOLD}.starting_cash",
     "expected an amount above 0, up to 10^12, found -5"),
    (ACCOUNTS, "starting_cash: 100_000.10", "starting_cash: .inf", 25, f"{GOLD}.starting_cash",
     "expected an amount above 0, up to 10^12, found .inf"),
    (ACCOUNTS, "weight: 2", "weight: 0", 33, f"{GOLD}.strategies[0].weight",
     "expected a number above 0, up to 1000, found 0"),
    (ACCOUNTS, "weight: 2", "weight: .nan", 33, f"{GOLD}.strategies[0].weight",
     "expected a number above 0, up to 1000, found .nan"),
    (ACCOUNTS, "lookback: 400", "lookback: 49", 30, f"{GOLD}.lookback",
     "expected a whole number from 50 to 5000, found 49"),
    (ACCOUNTS, "taker_fee_bps: 0.5", "taker_fee_bps: -1", 14, "venues.oanda.taker_fee_bps",
     "expected basis points from 0 to 1000, found -1"),
    (ACCOUNTS, "participation_fraction: 0.1", "participation_fraction: 10", 15, "venues.oanda.participation_fraction",
     "expected a fraction above 0, up to 1, found 10"),
    (ACCOUNTS, "max_leverage: 20", "max_leverage: .inf", 16, "venues.oanda.max_leverage",
     "expected a number above 0, up to 500, found .inf"),
    (ACCOUNTS, "speed: 60", "speed: 0", 10, "feeds.history.clock.speed",
     "expected a number above 0, found 0"),
    (ACCOUNTS, "fast_period: 12", "fast_period: 1", 35, f"{GOLD}.strategies[0].parameters.fast_period",
     "expected a number greater than or equal to 2, found 1"),
    (ACCOUNTS, "fast_period: 12", "fast_period: 90", 34, f"{GOLD}.strategies[0].parameters",
     "expected fast_period below slow_period, found 90 and 36"),
    (POLICY, "fraction: 0.005", "fraction: .nan", 6, "policies.balanced.sizing.parameters.fraction",
     "expected a finite number, found .nan"),
    (POLICY, "multiple: 3", "multiple: -3", 12, "policies.balanced.rules[0].multiple",
     "expected a number greater than 0, found -3"),
    (POLICY, "entry_score: 0.35", "entry_score: 35", 7, "policies.balanced.entry_score",
     "expected a number above 0, up to 1, found 35"),
    (POLICY, "exit_score: 0.3", "exit_score: -.inf", 8, "policies.balanced.exit_score",
     "expected a number from 0 to 1, found -.inf"),
    (POLICY, "time_limit: 1d", "time_limit: 0s", 9, "policies.balanced.time_limit",
     f"expected {ABOVE_ZERO}, found '0s'"),
    (POLICY, "entry_score: 0.4", "entry_score: 0", 17, "overrides.oanda-gold.entry_score",
     "expected a number above 0, up to 1, found 0"),
    # Impossible schedules.
    (ACCOUNTS, "every: 5m\n      offset: 5s", "every: 0s", 38, f"{GOLD}.schedule.every",
     f"expected {ABOVE_ZERO}, found '0s'"),
    (ACCOUNTS, "every: 5m", "every: 300", 38, f"{GOLD}.schedule.every",
     f"expected {DURATION}, found 300; which unit? 300 seconds are '300s'"),
    (ACCOUNTS, "every: 5m", "every: 5:00", 38, f"{GOLD}.schedule.every",
     f"expected {DURATION}, found '5:00'"),
    (ACCOUNTS, "offset: 5s", "offset: 5m", 37, f"{GOLD}.schedule",
     "expected an offset shorter than every, found offset 5m of every 5m"),
    (ACCOUNTS, "every: 5m", "cron: '*/5 * * * *'", 37, f"{GOLD}.schedule",
     "expected an offset only beside every, found offset beside cron"),
    (ACCOUNTS, "offset: 5s", "cron: '*/5 * * * *'", 37, f"{GOLD}.schedule",
     "expected exactly one of every, cron and rrule, found every and cron"),
    (ACCOUNTS, EVERY, "      timezone: UTC", 37, f"{GOLD}.schedule",
     "expected exactly one of every, cron and rrule, found none of them"),
    (ACCOUNTS, EVERY, "      cron: '0 */5 * * * *'", 38, f"{GOLD}.schedule.cron",
     f"expected {CRON}, found '0 */5 * * * *'; it has 6 fields"),
    (ACCOUNTS, EVERY, "      cron: '75 * * * *'", 38, f"{GOLD}.schedule.cron",
     f"expected {CRON}, found '75 * * * *'; bad minute"),
    (ACCOUNTS, EVERY, "      cron: '0 0 31 2 *'", 38, f"{GOLD}.schedule.cron",
     f"expected {CRON}, found '0 0 31 2 *'; bad day-of-month"),
    (ACCOUNTS, EVERY, "      rrule: FREQ=FORTNIGHTLY", 38, f"{GOLD}.schedule.rrule",
     f"expected {RRULE}, found 'FREQ=FORTNIGHTLY'; invalid 'FREQ': FORTNIGHTLY"),
    (ACCOUNTS, EVERY, "      rrule: FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 38, f"{GOLD}.schedule.rrule",
     f"expected {RRULE}, found 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'; it never fires"),
    # Lists.
    (ACCOUNTS, "- EUR/USD", "- XAU/USD", 28, f"{GOLD}.instruments[1]",
     "expected each name once, found 'XAU/USD' on line 27 already"),
    (ACCOUNTS, INSTRUMENTS, "    instruments: []", 26, f"{GOLD}.instruments",
     "expected a list of 1 to 200 instruments, found an empty list"),
    (POLICY, "- name: cooldown\n        period: 15m", "- name: total_exposure\n        multiple: 2", 13,
     "policies.balanced.rules[1].name", "expected each name once, found 'total_exposure' on line 11 already"),
    # Files of a feed, and candles enough.
    (ACCOUNTS, "eur.parquet", "eur.xlsx", 6, "feeds.history.files.EUR/USD",
     "expected a candle file ending in .parquet or .csv, found 'eur.xlsx'"),
    (ACCOUNTS, "lookback: 400", "lookback: 60", 30, f"{GOLD}.lookback",
     "expected more than 108 candles, which momentum_trading needs to warm up, found a lookback of 60"),
    # Where YAML guesses.
    (ACCOUNTS, "- EUR/USD", "- NO", 28, f"{GOLD}.instruments[1]",
     "expected an instrument of the account's feed, found 'NO'; known are BTC/USDT:USDT, EUR/USD, GBP/USD, XAU/USD"),
    (ACCOUNTS, "policy: balanced", "policy: 1e3", 36, f"{GOLD}.policy",
     "expected the name of a policy in policy.yaml, found 1e3; if it is meant as text, write '1e3' in quotes"),
    (ACCOUNTS, "currency: USD", "currency: 840", 24, f"{GOLD}.currency",
     "expected a currency in capitals, such as USD or USDT, found 840; if it is meant as text, write '840' in quotes"),
    (ACCOUNTS, "lookback: 400", "lookback: 0400", 30, f"{GOLD}.lookback",
     "expected a decimal number, found 0400, which YAML readers take for different numbers; "
     "write it in plain digits, or in quotes if it is a text"),
    (ACCOUNTS, "lookback: 400", "lookback: 0x190", 30, f"{GOLD}.lookback",
     "expected a decimal number, found 0x190, which YAML readers take for different numbers; "
     "write it in plain digits, or in quotes if it is a text"),
    (ACCOUNTS, "lookback: 400", "lookback: 12_", 30, f"{GOLD}.lookback",
     "expected a whole number from 50 to 5000, found 12_"),
    (ACCOUNTS, "description: Trades gold.", "description: !!int gold", 19, f"{GOLD}.description",
     "expected a whole number, found gold"),
    (ACCOUNTS, "description: Trades gold.", "description: !!float gold", 19, f"{GOLD}.description",
     "expected a number, found gold"),
    (ACCOUNTS, "seed: 7", "seed: -1", 2, "feeds.embedded.seed",
     "expected a whole number from 0 to 2^63 - 1, found -1"),
    (ACCOUNTS, "lookback: 400", "lookback: 2024-01-01", 30, f"{GOLD}.lookback",
     "expected a whole number from 50 to 5000, found '2024-01-01'"),
    (ACCOUNTS, "mode: paper", "mode: paper\n    mode: dry_run", 22, f"{GOLD}.mode",
     "expected each key once, found it on line 21 already"),
    (ACCOUNTS, "venue: oanda", "venue: !secret oanda", 20, f"{GOLD}.venue",
     "expected plain YAML, found the tag !secret; leave it out"),
    (ACCOUNTS, "feeds:\n", "<<: 5\nfeeds:\n", 1, "<<",
     "expected a mapping to merge, found something else"),
]  # fmt: skip

# Broken YAML: what is written instead of what, where it is told (line and column), and how.
BROKEN = [
    ("    mode: paper", "\tmode: paper", "21:1", "indent with spaces, not with tabs"),
    (
        "description: Trades gold.",
        "description: 'Trades gold.",
        "19:18",
        "close the quote or bracket that is opened here",
    ),
    ("seed: 7}", "seed: 7", "2:13", "close the quote or bracket"),
    ("description: Trades gold.", "description: Gold: trades", "19:22", "put quotes around a value that contains ': '"),
    (EVERY, "      cron: */5 * * * *", "38:18", "put quotes around a value that begins with '*'"),
    ("mode: paper", "mode: @paper", "21:11", "put quotes around a value that begins with '@'"),
    ("feed: embedded", "feed: *nothing", "23:11", "found undefined alias 'nothing'"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "key", "message"), MISTAKES, ids=[f"{row[4]}={row[2]!r}" for row in MISTAKES]
)
def test_a_mistake_is_told_once_with_its_place_and_what_was_expected(
    write: Callable[..., Path], file: str, old: str, new: str, line: int, key: str, message: str
) -> None:
    assert _problems(write(file, old, new)) == [f"{file}:{line}: {key}: {message}"]


@pytest.mark.parametrize(("old", "new", "place", "hint"), BROKEN, ids=[row[1] for row in BROKEN])
def test_broken_yaml_is_told_with_line_and_column(
    write: Callable[..., Path], old: str, new: str, place: str, hint: str
) -> None:
    (problem,) = _problems(write(ACCOUNTS, old, new))
    assert problem.startswith(f"{ACCOUNTS}:{place}: expected valid YAML: ")
    assert hint in problem


def test_every_problem_of_both_files_is_told_at_once_in_their_order(write: Callable[..., Path]) -> None:
    folder = write(ACCOUNTS, "lookback: 400", "lookback: 1\n    lokback: 400")
    accounts, policy = folder / ACCOUNTS, folder / POLICY
    accounts.write_text(accounts.read_text().replace("feed: embedded", "feed: embeded"))
    policy.write_text(policy.read_text().replace("multiple: 3", "multiple: 0").replace("0.35", "x"))
    assert [problem.split(": ")[0] for problem in _problems(folder)] == [
        f"{ACCOUNTS}:23", f"{ACCOUNTS}:30", f"{ACCOUNTS}:31", f"{POLICY}:7", f"{POLICY}:12"
    ]  # fmt: skip


def test_the_other_file_is_checked_when_one_is_broken(write: Callable[..., Path]) -> None:
    folder = write(POLICY, "multiple: 3", "multiple: 0")
    (folder / ACCOUNTS).write_text("accounts: [a")
    accounts, policy = _problems(folder)
    assert accounts.startswith(f"{ACCOUNTS}:1:11: expected valid YAML")
    assert policy.startswith(f"{POLICY}:12: policies.balanced.rules[0].multiple")


def test_a_mistake_in_the_defaults_is_told_where_it_stands(write: Callable[..., Path]) -> None:
    folder = write(ACCOUNTS, "    lookback: 400\n", "")
    accounts = folder / ACCOUNTS
    accounts.write_text(f"defaults:\n  lookback: 7\n{accounts.read_text()}")
    assert _problems(folder) == [f"{ACCOUNTS}:2: defaults.lookback: expected a whole number from 50 to 5000, found 7"]


def test_a_mistake_in_an_anchor_is_told_at_its_own_line(write: Callable[..., Path]) -> None:
    folder = write(ACCOUNTS, "    lookback: 400\n", "    <<: *usual\n")
    accounts = folder / ACCOUNTS
    accounts.write_text(f"defaults: &usual\n  lookback: 7\n{accounts.read_text()}")
    assert _problems(folder) == [f"{ACCOUNTS}:2: {GOLD}.lookback: expected a whole number from 50 to 5000, found 7"]


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"])
def test_an_empty_file_is_told(write: Callable[..., Path], text: str) -> None:
    folder = write()
    (folder / POLICY).write_text(text)
    assert _problems(folder) == [f"{POLICY}: expected the policies of the fleet, found an empty file"]


def test_a_missing_file_is_told_with_what_to_do(write: Callable[..., Path]) -> None:
    folder = write()
    (folder / POLICY).unlink()
    assert _problems(folder) == [
        f"{POLICY}: expected the policies of the fleet, found no file; `desk init` begins a configuration, "
        "DESK_CONFIG names the folder of one"
    ]


def test_a_folder_in_place_of_a_file_is_told(write: Callable[..., Path]) -> None:
    folder = write()
    (folder / POLICY).unlink()
    (folder / POLICY).mkdir()
    (problem,) = _problems(folder)
    assert problem.startswith(f"{POLICY}: expected the policies of the fleet, found a file that cannot be read: ")


def test_a_file_in_another_encoding_is_told(write: Callable[..., Path]) -> None:
    folder = write()
    (folder / POLICY).write_bytes("policies: größer".encode("latin-1"))
    assert _problems(folder) == [
        f"{POLICY}: expected text in UTF-8, found another encoding at byte 12; save it as UTF-8"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [("- a\n", "a list"), ("just words\n", "'just words'")],
)
def test_a_file_that_is_no_mapping_is_told(write: Callable[..., Path], text: str, found: str) -> None:
    folder = write()
    (folder / ACCOUNTS).write_text(text)
    keys = "defaults, connections, feeds, venues, accounts, fleet_currency, fleet_rates"
    assert _problems(folder) == [f"{ACCOUNTS}:1: expected a mapping with the keys {keys}, found {found}"]


@pytest.mark.parametrize(
    ("section", "found"),
    [("", "nothing"), (" {}", "an empty mapping"), ("\n  - name: oanda-gold", "a list")],
)
def test_a_section_that_is_no_mapping_is_told(write: Callable[..., Path], section: str, found: str) -> None:
    folder = write()
    accounts = folder / ACCOUNTS
    accounts.write_text(accounts.read_text().partition("accounts:")[0] + f"accounts:{section}\n")
    assert _problems(folder) == [
        f"{ACCOUNTS}:17: accounts: expected a mapping of one or more accounts by name, found {found}"
    ]


def test_a_name_that_no_account_may_have_is_told(write: Callable[..., Path]) -> None:
    name, override = _problems(write(ACCOUNTS, "  oanda-gold:\n", "  Oanda-Gold:\n"))
    expected = "a name of 2 to 40 small letters, digits and hyphens, not beginning with a hyphen"
    assert name == f"{ACCOUNTS}:18: accounts.Oanda-Gold: expected {expected}, found 'Oanda-Gold'"
    assert override.startswith(f"{POLICY}:16: overrides.oanda-gold: expected the name of an account")


def test_a_missing_candle_file_is_told_with_the_place_where_it_was_looked_for(write: Callable[..., Path]) -> None:
    folder = write(ACCOUNTS, "eur.parquet", "gone.parquet")
    with pytest.raises(ConfigError) as error:
        load_fleet(folder)
    assert str(error.value) == (
        f"{folder}/{ACCOUNTS}:6: feeds.history.files.EUR/USD: expected a candle file, found none at "
        f"{folder}/gone.parquet; paths are counted from the folder of this file"
    )


@given(
    file=st.sampled_from((ACCOUNTS, POLICY)),
    line=st.integers(0, 40),
    value=st.sampled_from(
        (
            "null",
            "{}",
            "[[]]",
            "{a: b}",
            "&x",
            "*x",
            "'",
            "- ",
            "!!binary x",
            "!!int x",
            "1e999999",
            ".nan",
            "\t",
            "{",
            "|",
        )
    ),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_line_says_the_answer_is_a_fleet_or_a_told_problem(
    write: Callable[..., Path], file: str, line: int, value: str
) -> None:
    folder = write()
    lines = (folder / file).read_text().split("\n")
    place = line % len(lines)
    lines[place] = f"{lines[place].partition(':')[0]}: {value}"
    (folder / file).write_text("\n".join(lines))
    with suppress(ConfigError):
        load_fleet(folder, catalogue=CATALOGUE)


def test_a_path_longer_than_any_file_may_have_is_told(write: Callable[..., Path]) -> None:
    (problem,) = _problems(write(ACCOUNTS, "eur.parquet", f"{'e' * 400}.parquet"))
    assert problem.startswith(f"{ACCOUNTS}:6: feeds.history.files.EUR/USD: expected a candle file, found none at ")


def test_an_alias_that_contains_itself_is_told_and_not_followed(write: Callable[..., Path]) -> None:
    (problem,) = _problems(write(ACCOUNTS, "feeds:\n", "defaults: &a {description: *a}\nfeeds:\n"))
    assert "expected at most 30 levels, found more; does an alias contain itself?" in problem


def test_without_a_catalogue_any_instrument_that_is_spelled_like_one_is_taken(write: Callable[..., Path]) -> None:
    fleet = load_fleet(write(ACCOUNTS, "- EUR/USD", "- PEPE/USDT"))
    assert fleet.account("oanda-gold").instruments == ("XAU/USD", "PEPE/USDT")
    with pytest.raises(ConfigError, match=r"expected an instrument such as EUR/USD, .*, found 'PEPEUSDT'"):
        load_fleet(write(ACCOUNTS, "- EUR/USD", "- PEPEUSDT"))


def _problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load_fleet(folder, catalogue=CATALOGUE)
    return [line.removeprefix(f"{folder}/") for line in str(error.value).split("\n")]
