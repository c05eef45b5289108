"""An account that is written down alone loads as what it was."""

from pathlib import Path

import pytest

from desk.accounts import Fleet, policy_of
from desk.accounts.alone import alone
from desk.adapters.configuration import read_fleet

CONFIG = Path(__file__).parents[3] / "config"
FLEETS = [read_fleet(CONFIG), read_fleet(CONFIG / "rehearsal")]
ACCOUNTS = [(fleet, name) for fleet in FLEETS for name, account in fleet.accounts.items() if not account.universe]


def loaded(fleet: Fleet, name: str, folder: Path) -> Fleet:
    for file, text in alone(fleet, name).items():
        (folder / file).write_text(text, encoding="utf-8")
    return read_fleet(folder)


@pytest.mark.parametrize(("fleet", "name"), ACCOUNTS[::3], ids=lambda one: one if isinstance(one, str) else "")
def test_an_account_alone_decides_as_it_did_among_others(fleet: Fleet, name: str, tmp_path: Path):
    found = loaded(fleet, name, tmp_path)
    assert list(found.accounts) == [name]
    assert policy_of(found, name) == policy_of(fleet, name)
    assert found.account(name) == fleet.account(name)
    assert (found.terms_of(name), found.rates) == (fleet.terms_of(name), fleet.rates)
    assert found.connection_of(name) == fleet.connection_of(name)


def test_candle_files_and_the_calendar_come_along(tmp_path: Path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "candles.csv").touch()
    (tmp_path / "there" / "accounts.yaml").write_text(
        """\
feeds: {files: {kind: recorded, files: {EUR/USD: candles.csv}}}
venues: {oanda: {maker_fee_bps: 0, taker_fee_bps: 0.5, max_leverage: 20}}
accounts:
  sample:
    {venue: oanda, mode: paper, feed: files, currency: USD, starting_cash: 10_000.10, policy: two,
     instruments: [EUR/USD], strategies: [{name: breakout}], schedule: {every: 5m, offset: 5s}}
"""
    )
    (tmp_path / "there" / "policy.yaml").write_text(
        """\
policies:
  one:
    sizing: {name: fixed_fraction}
    entry_score: 0.35
    exit_score: 0.3
    rules: [{name: total_exposure, multiple: 3}]
  two: {extends: one, time_limit: 90m}
overrides:
  sample: {entry_score: 0.4}
"""
    )
    (tmp_path / "there" / "events.yaml").write_text("complete_until: 2027-01-01T00:00:00Z\n")
    fleet = read_fleet(tmp_path / "there")
    found = loaded(fleet, "sample", tmp_path)
    assert policy_of(found, "sample") == policy_of(fleet, "sample")
    assert policy_of(found, "sample").entry_score == 0.4
    assert found.events == fleet.events
    assert found.feed_of("sample").paths(tmp_path) == {"EUR/USD": tmp_path / "there" / "candles.csv"}
