"""How venues are reached: every mistake is told, and no secret that stands there by mistake is repeated."""

from pathlib import Path

import pytest

from desk.accounts import VenueFeed, load_fleet
from desk.accounts.building import config_version
from desk.accounts.showing import show
from desk.errors import ConfigError
from desk.model.cycle import Mode

ACCOUNTS = """\
connections:
  practice:
    kind: oanda
    environment: practice
    account_id: "101-001-1234567-001"
    secrets: {token: OANDA_TOKEN}
  other:
    kind: oanda
    environment: simulator
    url: http://127.0.0.1:8705
    account_id: "101-001-0000001-001"
    secrets: {token: SIMULATOR_TOKEN}
feeds:
  practice: {kind: venue, connection: practice}
  other: {kind: venue, connection: other}
  made: {kind: synthetic, seed: 7}
venues:
  oanda: {maker_fee_bps: 0, taker_fee_bps: 0}
  kucoin: {maker_fee_bps: 10, taker_fee_bps: 10}
accounts:
  euro:
    venue: oanda
    mode: live
    feed: practice
    currency: USD
    instruments: [EUR/USD]
    strategies: [{name: momentum_trading}]
    policy: plain
    schedule: {every: 5m}
"""
POLICY = """\
policies:
  plain:
    sizing: {name: fixed_fraction}
    entry_score: 0.35
    exit_score: 0.3
    rules: [{name: cooldown, period: 15m}]
"""
VARIABLE = "expected the name of an environment variable, such as OANDA_TOKEN, found something else; "
VARIABLE += "the value itself belongs into the environment or .env"
URL = "an address of this machine or network such as http://127.0.0.1:8701, as `desk simulate` prints it"
KUCOIN = """\
    kind: kucoin
    environment: simulator
    url: http://127.0.0.1:8704
    market: futures
    secrets: {key: A, secret: B, passphrase: C}
"""
OANDA = ACCOUNTS[ACCOUNTS.index("    kind: oanda") : ACCOUNTS.index("  other:")]
FEED = "expected a feed of kind venue at oanda practice, where the account trades"
MET = "live orders need the prices that they meet"

TERMS = slice(ACCOUNTS.index("venues:"), ACCOUNTS.index("accounts:") - 1)

MISTAKES = [
    ("token: OANDA_TOKEN", "token: 0a1b-secret", "connections.practice.secrets.token", VARIABLE),
    ("token: OANDA_TOKEN", "token: sekrit", "connections.practice.secrets.token", VARIABLE),
    ("kind: oanda", "kind: onada", "connections.practice.kind",
     "expected a connection of kind oanda, coinbase, kucoin, aster or ccxt, found 'onada'; did you mean 'oanda'?"),
    ("environment: practice", "environment: demo", "connections.practice.environment",
     "expected practice, live or simulator, found 'demo'"),
    ("environment: practice", "environment: simulator", "connections.practice",
     "expected a url for the environment simulator, and for no other, found environment simulator without one"),
    ("environment: practice", "environment: practice\n    url: http://127.0.0.1:1", "connections.practice",
     "expected a url for the environment simulator, and for no other, found environment practice with one"),
    ("environment: practice", "environment: simulator\n    url: here", "connections.practice.url",
     f"expected {URL}, found something else"),
    ("environment: practice", "environment: simulator\n    url: https://api-fxtrade.oanda.com",
     "connections.practice.url", f"expected {URL}, found 'https://api-fxtrade.oanda.com'"),
    ("environment: practice", "environment: simulator\n    url: http://api-fxtrade.oanda.com",
     "connections.practice.url", f"expected {URL}, found 'http://api-fxtrade.oanda.com'"),
    ("environment: practice", "environment: simulator\n    url: http://8.8.8.8",
     "connections.practice.url", f"expected {URL}, found 'http://8.8.8.8'"),
    ("feed: practice", "feed: made\n    connection: practice", "accounts.euro.feed",
     f"{FEED}, found kind synthetic; {MET}"),
    ("feed: practice", "feed: other\n    connection: practice", "accounts.euro.feed",
     f"{FEED}, found oanda simulator; {MET}"),
    ('"101-001-1234567-001"', "1234567", "connections.practice.account_id",
     "expected an account id such as 101-001-1234567-001, in quotes, found something else; "
     "if it is meant as text, write it in quotes"),
    ("connection: practice}", "connection: practise}", "feeds.practice.connection",
     "expected the name of a connection, found 'practise'; did you mean 'practice'?"),
    ("    feed: practice", "    feed: practice\n    connection: live", "accounts.euro.connection",
     "expected the name of a connection, found 'live'; known are other, practice"),
    ("    mode: live\n", "", "accounts.euro.starting_cash",
     "expected an amount above 0, up to 10^12, since the account is not live, found nothing"),
    ("venue: oanda", "venue: kucoin", "accounts.euro.feed",
     "expected a connection of kind kucoin, the account's venue, found one of oanda"),
    ("    secrets: {token: OANDA_TOKEN}", "    secrets: {token: OANDA_TOKEN}\n    budget: {per_day: 0}",
     "connections.practice.budget.per_day", "expected a whole number above 0, found 0"),
]  # fmt: skip


def write(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in ACCOUNTS, old
    (folder / "accounts.yaml").write_text(ACCOUNTS.replace(old, new, 1) if old else ACCOUNTS)
    (folder / "policy.yaml").write_text(POLICY)
    return folder


def told(folder: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        load_fleet(folder)
    return str(raised.value)


@pytest.mark.parametrize(("old", "new", "key", "message"), MISTAKES, ids=[f"{row[2]}-{row[1]}" for row in MISTAKES])
def test_a_mistake_is_told_with_its_key_and_what_was_expected(
    tmp_path: Path, old: str, new: str, key: str, message: str
) -> None:
    place, found = told(write(tmp_path, old, new)).split(": ", 1)
    assert (place.partition(":")[0], found) == (str(tmp_path / "accounts.yaml"), f"{key}: {message}")


SECRET = "0a1B.canary-0123456789abcdef-canary"
WALLET = "0xcanary".replace("canary", "feedface" * 8)
MISPLACED = [
    ("token: OANDA_TOKEN", f"token: {SECRET}"),
    ("token: OANDA_TOKEN", f"token: {WALLET}"),
    ("token: OANDA_TOKEN", "token: " + "FEEDFACE" * 9),
    ("token: OANDA_TOKEN", "token: 1feedface"),
    ("token: OANDA_TOKEN", f"token: *{SECRET}"),
    ("token: OANDA_TOKEN", f"token: !{SECRET} x"),
    ("token: OANDA_TOKEN", f"token:{SECRET}"),
    ("{token: OANDA_TOKEN}", SECRET),
    ("{token: OANDA_TOKEN}", f"{{token: A, {SECRET}: 1, {SECRET}: 2}}"),
    ('"101-001-1234567-001"', SECRET),
    ('"101-001-1234567-001"', WALLET),
    ("environment: practice", f"environment: {SECRET}"),
    ("environment: practice", f"environment: simulator\n    url: {SECRET}"),
    ("environment: practice", "environment: simulator\n    url: http://me:canary@127.0.0.1:8701"),
    ("environment: practice", f"environment: practice\n    budget: {{per_day: {SECRET}}}"),
    ("environment: practice", f"environment: practice\n    {SECRET}: yes"),
    ("kind: oanda", f"kind: aster\n    user: {SECRET}"),
    ("kind: oanda", f"kind: {SECRET}"),
    ("    mode: live\n", f"    mode: live\n    connection: {SECRET}\n"),
    ("connection: practice}", f"connection: {SECRET}}}"),
]


@pytest.mark.parametrize(("old", "new"), MISPLACED, ids=[new.strip()[:40] for _, new in MISPLACED])
def test_what_may_be_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path, old: str, new: str) -> None:
    said = told(write(tmp_path, old, new)).lower()
    assert "accounts.yaml:" in said
    assert "canary" not in said
    assert "feedface" not in said


def test_a_variable_is_named_by_letters_digits_and_underscores(tmp_path: Path) -> None:
    secrets = load_fleet(write(tmp_path, "OANDA_TOKEN", "A1_B2")).connections["practice"].secrets
    assert secrets.model_dump() == {"token": "A1_B2"}


def test_an_account_at_kucoin_trades_the_instruments_of_its_connections_market(tmp_path: Path) -> None:
    folder = write(tmp_path, OANDA, KUCOIN)
    file = folder / "accounts.yaml"
    file.write_text(file.read_text().replace("venue: oanda", "venue: kucoin").replace("EUR/USD", "BTC/USDT"))
    expected = "expected a future such as BTC/USDT:USDT, since that is the connection's market, found 'BTC/USDT'"
    assert told(folder).endswith(f"accounts.euro.instruments[0]: {expected}")


SPOT = KUCOIN.replace("futures", "spot")
COINBASE = """\
    kind: coinbase
    environment: simulator
    url: http://127.0.0.1:8703
    secrets: {key: A, secret: B}
"""
ASTER = """\
    kind: aster
    environment: practice
    secrets: {private_key: A}
"""
SETTLING = [
    ("coinbase", COINBASE, "USD", "BTC/USD, BTC/USDC", "instruments[1]",
     "expected one instrument for each base currency, found 'BTC/USDC' beside 'BTC/USD'; "
     "the venue keeps one balance of BTC for both"),
    ("kucoin", SPOT, "USDT", "BTC/USDT, ETH/USDT, ETH/BTC", "instruments[2]",
     "expected one instrument for each base currency, found 'ETH/BTC' beside 'ETH/USDT'; "
     "the venue keeps one balance of ETH for both"),
    ("kucoin", KUCOIN, "USDT", "'BTC/USDT:USDT', 'BTC/USDC:USDC'", "instruments[1]",
     "expected an instrument that settles in USDT, the account's currency, found 'BTC/USDC:USDC'"),
    ("aster", ASTER, "USDT", "'BTC/USD1:USD1'", "instruments[0]",
     "expected an instrument that settles in USDT, the account's currency, found 'BTC/USD1:USD1'"),
    ("aster", ASTER, "EUR", "'BTC/USDT:USDT'", "currency",
     "expected USDT, in which the venue tells an account's money, found 'EUR'"),
]  # fmt: skip


def trading_at(folder: Path, venue: str, connection: str, currency: str, instruments: str) -> Path:
    """Write a live account at another venue."""
    file = write(folder, OANDA, connection) / "accounts.yaml"
    text = file.read_text().replace("[EUR/USD]", f"[{instruments}]").replace("currency: USD", f"currency: {currency}")
    terms = f"venues:\n  {venue}: {{maker_fee_bps: 1, taker_fee_bps: 1}}"
    file.write_text(text.replace("venue: oanda", f"venue: {venue}").replace(ACCOUNTS[TERMS], terms))
    return folder


@pytest.mark.parametrize(("venue", "connection", "currency", "instruments", "key", "message"), SETTLING)
def test_what_the_money_of_a_venue_cannot_keep_apart_or_pay_is_refused_for_a_live_account(
    tmp_path: Path, venue: str, connection: str, currency: str, instruments: str, key: str, message: str
) -> None:
    folder = trading_at(tmp_path, venue, connection, currency, instruments)
    assert told(folder).endswith(f"accounts.euro.{key}: {message}")
    file = folder / "accounts.yaml"
    file.write_text(file.read_text().replace("mode: live", "mode: paper\n    starting_cash: 1000"))
    assert load_fleet(folder).account("euro").mode is Mode.PAPER


def test_an_account_id_is_refused_where_a_key_has_one_account(tmp_path: Path) -> None:
    folder = write(tmp_path, OANDA, KUCOIN)
    file = folder / "accounts.yaml"
    text = file.read_text().replace("venue: oanda", 'venue: kucoin\n    account_id: "7"')
    file.write_text(text.replace("[EUR/USD]", '["BTC/USDT:USDT"]').replace("currency: USD", "currency: USDT"))
    assert told(folder).endswith("expected no account_id, since a key of kucoin has one account, found one")


def test_a_wallet_and_a_key_of_aster_exclude_each_other(tmp_path: Path) -> None:
    aster = "    kind: aster\n    environment: practice\n    secrets: {private_key: A, api_key: B, api_secret: C}\n"
    folder = write(tmp_path, OANDA, aster)
    assert "expected either private_key, or api_key and api_secret, found another choice of them" in told(folder)


def test_an_account_is_reached_the_way_its_feed_is_unless_it_says_otherwise(tmp_path: Path) -> None:
    fleet = load_fleet(write(tmp_path))
    account = fleet.account("euro")
    assert (account.mode, account.connection, account.starting_cash) == (Mode.LIVE, "practice", None)
    assert fleet.connection_of("euro") == fleet.connections["practice"]
    assert fleet.feed_of("euro") == VenueFeed(kind="venue", connection="practice")


def test_what_is_shown_names_the_variables_and_not_what_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OANDA_TOKEN", "canary-7f3a")
    shown = show(load_fleet(write(tmp_path)), "euro")
    assert "token: OANDA_TOKEN" in shown
    assert "canary-7f3a" not in shown


@pytest.mark.parametrize("nothing", ["connection:", "connection: ~", "connection: null"])
def test_an_account_that_names_no_connection_has_its_feeds_and_that_is_looked_at(tmp_path: Path, nothing: str) -> None:
    folder = write(tmp_path, "    mode: live", f"    mode: live\n    {nothing}")
    assert load_fleet(folder).account("euro").connection == "practice"
    file = folder / "accounts.yaml"
    file.write_text(file.read_text().replace("venue: oanda", "venue: kucoin"))
    assert "expected a connection of kind kucoin, the account's venue, found one of oanda" in told(folder)


def test_a_live_account_of_a_live_venue_is_read_like_any_other(tmp_path: Path) -> None:
    fleet = load_fleet(write(tmp_path, "environment: practice", "environment: live"))
    assert fleet.account("euro").mode is Mode.LIVE


def test_an_account_of_oanda_is_the_same_under_another_token(tmp_path: Path) -> None:
    again = ACCOUNTS[ACCOUNTS.index("  practice:") : ACCOUNTS.index("  other:")].replace("OANDA_TOKEN", "SECOND_TOKEN")
    first = ACCOUNTS[ACCOUNTS.index("  euro:") :].replace("euro", "cable")
    text = ACCOUNTS.replace("  other:", again.replace("practice:", "second:", 1) + "  other:", 1)
    folder = write(tmp_path)
    text = text.replace("  made:", "  second: {kind: venue, connection: second}\n  made:", 1)
    (folder / "accounts.yaml").write_text(text + first.replace("feed: practice", "feed: second"))
    assert "found 'euro' at oanda practice already" in told(folder)


def test_two_live_accounts_do_not_share_an_account_at_the_venue(tmp_path: Path) -> None:
    first = ACCOUNTS[ACCOUNTS.index("  euro:") :]
    folder = write(tmp_path)
    file = folder / "accounts.yaml"
    file.write_text(ACCOUNTS + first.replace("euro", "cable").replace("EUR/USD", "GBP/USD"))
    told_there = "expected one live account for each account at a venue, found 'euro' at oanda practice"
    assert f"accounts.cable: {told_there} already" in told(folder)
    file.write_text(file.read_text().replace("  cable:", '  cable:\n    account_id: "101-001-1234567-002"'))
    assert set(load_fleet(folder).accounts) == {"euro", "cable"}


def test_another_world_is_another_configuration_and_another_address_is_not(tmp_path: Path) -> None:
    def version(old: str = "", new: str = "") -> str:
        return config_version(load_fleet(write(tmp_path, old, new)), "euro")

    assert version("SIMULATOR_TOKEN", "OTHER_TOKEN") == version()
    simulated = version("environment: practice", "environment: simulator\n    url: http://127.0.0.1:1")
    assert simulated != version()
    assert simulated == version("environment: practice", "environment: simulator\n    url: http://127.0.0.1:2")


def test_another_wallet_behind_the_same_key_is_another_configuration(tmp_path: Path) -> None:
    def version(user: str) -> str:
        connection = f"{ASTER}    user: '{user}'\n"
        return config_version(load_fleet(trading_at(tmp_path, "aster", connection, "USDT", "'BTC/USDT:USDT'")), "euro")

    assert version(f"0x{'1' * 40}") != version(f"0x{'2' * 40}")
