"""How the instruments of the fleet move together."""

from pathlib import Path

from console.services.correlations import MOST, Correlations, fleet_correlations
from console.services.markets import Markets
from desk.adapters.feeds.catalogue import CATALOGUE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import traded

CONNECTION = """\
connections:
  practice: {kind: oanda, environment: practice, account_id: 101-001-1-001, secrets: {token: SPARE_TOKEN}}
"""


def found(ask: Ask) -> Correlations:
    return ask(lambda desk: fleet_correlations(desk, Markets()))


def change(home: Path, before: str, after: str) -> None:
    accounts = home / "config" / "accounts.yaml"
    assert before in accounts.read_text()
    accounts.write_text(accounts.read_text().replace(before, after))


def test_all_that_accounts_hold_or_may_trade_is_compared_with_each_other(ask: Ask, fill: Fill):
    fill(traded)
    told = found(ask)
    assert told.instruments == ("EUR/USD", "XAU/USD", "BTC/USD", "GBP/USD")
    assert (told.lacking, told.passed_over, len(told.known)) == ((), 0, 6)
    assert told.of("EUR/USD", "EUR/USD") == 1
    assert told.of("EUR/USD", "GBP/USD") == told.of("GBP/USD", "EUR/USD") is not None
    assert all(-1 <= value <= 1 for value in told.known.values())


def test_no_venue_is_asked_and_another_account_may_tell_the_same(ask: Ask, fill: Fill, home: Path):
    change(home, "  sample:\n", "  sample:\n    feed: there\n")
    change(home, "feeds:\n", "feeds:\n  there: {kind: venue, connection: practice}\n")
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text() + CONNECTION)
    fill(traded)
    told = found(ask)
    assert (told.instruments, told.lacking) == (("EUR/USD", "GBP/USD"), ("XAU/USD", "BTC/USD"))
    assert told.of("EUR/USD", "XAU/USD") is None


def test_a_feed_that_cannot_be_read_is_told(ask: Ask, fill: Fill, home: Path):
    (home / "config" / "pounds.csv").write_text("not candles\n")
    change(home, "  resting:\n", "  resting:\n    feed: file\n")
    change(home, "feeds:\n", "feeds:\n  file: {kind: recorded, files: {GBP/USD: pounds.csv}}\n")
    fill(traded)
    assert found(ask).lacking == ("GBP/USD",)


def test_of_many_instruments_as_many_are_compared_as_a_page_bears(ask: Ask, fill: Fill, home: Path):
    change(home, "[EUR/USD, XAU/USD, BTC/USD]", f"[{', '.join(name for name in CATALOGUE)}]")
    fill(traded)
    told = found(ask)
    assert (len(told.instruments), told.passed_over) == (MOST, len(CATALOGUE) - MOST)
