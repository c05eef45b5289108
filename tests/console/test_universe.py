"""`desk universe`, and what other commands say of an instrument that was not chosen."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desk.adapters.ledger.ledger import Ledger
from tests.builders import CLOSE
from tests.console.conftest import ACCOUNTS, Desk, Fill
from tests.console.stories import traded
from tests.desk.adapters.ledger.test_universes import CHOICE, HOUR

UNIVERSE = """\
universes:
  coins:
    quote: USDT
    dynamic: {count: 2}
"""


@pytest.fixture
def universe(home: Path) -> Path:
    """The account of the builders, with a universe instead of its list."""
    text = ACCOUNTS.replace("    instruments: [EUR/USD, XAU/USD, BTC/USD]\n", "    universe: coins\n")
    assert text != ACCOUNTS
    (home / "config" / "accounts.yaml").write_text(text, encoding="utf-8")
    (home / "config" / "universe.yaml").write_text(UNIVERSE, encoding="utf-8")
    return home


async def chosen(ledger: Ledger) -> None:
    await traded(ledger)
    await ledger.store_universe_choice(replace(CHOICE, candle_close=CLOSE - HOUR))


def test_the_ranking_is_printed_with_a_reason_for_each(desk: Desk, fill: Fill, universe: Path) -> None:
    fill(chosen)
    said = desk("universe", "sample")
    assert said.code == 0
    assert "coins of sample, chosen at the candle of 2026-01-14 14:00 UTC" in said.out
    for words in ("tier majors", "place 1 by turnover", "228,073,381", "traded for 3 days, below 30", "0.60 bps"):
        assert words in said.out
    assert "2 of 3 instruments; what is held stays until it is closed." in said.out


def test_programs_get_every_digit(desk: Desk, fill: Fill, universe: Path) -> None:
    fill(chosen)
    found = desk("universe", "sample", "--json").json
    assert (found["universe"], found["config_version"]) == ("coins", "c0ffee")
    assert [one["place"] for one in found["standings"]] == ["tier", "ranked", "age"]
    assert found["standings"][1]["turnover"] == "228073381.01848817"


def test_without_a_choice_there_is_nothing_to_print_and_a_way_on(desk: Desk, fill: Fill, universe: Path) -> None:
    fill(chosen)
    early = desk("universe", "sample", "--at", f"{CLOSE - timedelta(days=1):%Y-%m-%dT%H:%MZ}")
    assert early.code == 1
    assert "found none; run `desk up`, or `desk scan sample`" in early.err
    fixed = desk("universe", "fresh")
    assert (fixed.code, fixed.err) == (1, "desk: fresh trades a fixed list of instruments: EUR/USD\n")
    assert desk("universe", "sampel").code == 2


def test_why_an_instrument_was_not_chosen_is_told(desk: Desk, fill: Fill, universe: Path) -> None:
    fill(chosen)
    said = desk("why", "sample", "ABC/USDT")
    assert said.code == 1
    assert "ABC/USDT is not in the universe 'coins' of sample, chosen at the candle of 2026-01-14 14:00 UTC" in said.err
    assert "traded for 3 days, below 30" in said.err


def test_an_instrument_that_the_universe_may_choose_can_be_halted(desk: Desk, fill: Fill, universe: Path) -> None:
    fill(chosen)
    assert desk("halt", "instrument:XYZ/USDT", "--why", "delisted").code == 0
    assert desk("halt", "instrument:XYZ/EUR", "--why", "delisted").code == 2


def test_the_list_of_accounts_names_the_universe(desk: Desk, universe: Path) -> None:
    assert "universe coins" in desk("accounts").out
    assert desk("accounts", "--json").json[0]["universe"] == "coins"
