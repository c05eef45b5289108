from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.adapters.editing.reading import read_files
from desk.adapters.last_good import LastGood
from desk.adapters.ledger.ledger import Ledger
from desk.execution.breaker import Limit, Trip
from desk.model.books import TradingState
from desk.model.cycle import CycleState
from tests.builders import CLOSE
from tests.console.conftest import Desk, Fill
from tests.console.stories import ended, failed, held, just_scanned, traded


def row(desk: Desk, account: str = "sample") -> dict[str, object]:
    return next(row for row in desk("status", "--json").json if row["account"] == account)


def test_without_a_ledger_the_message_says_how_to_get_one(desk: Desk, home: Path):
    said = desk("status")
    assert (said.code, said.out) == (4, "")
    assert said.err == (
        f"desk: {home / 'desk.db'}: expected the ledger, found no file; "
        "run `desk up` or `desk demo`, or point --home at the folder that it is in\n"
    )
    assert not (home / "desk.db").exists()


def test_a_ledger_without_tables_is_refused_with_advice(desk: Desk, home: Path):
    (home / "desk.db").touch()
    said = desk("status")
    assert said.code == 4
    assert "run `desk db upgrade`" in said.err


def test_an_empty_ledger_shows_every_account_as_never_scanned(desk: Desk, fill: Fill):
    said = desk("status")
    assert said.code == 0
    assert said.out.count("never scanned") == 3
    assert "2 active accounts, none of them scanned yet; `desk up` scans each when its candle closes." in said.out


def test_an_account_is_shown_with_its_last_cycle_and_its_money(desk: Desk, fill: Fill):
    fill(traded)
    said = desk("status")
    line = next(line for line in said.out.splitlines() if line.startswith("sample"))
    assert "traded" in line
    assert line.split()[-4:] == ["10,012.34", "USD", "+12.24", "1"]


def test_a_fleet_of_which_nothing_is_wrong_is_well(desk: Desk, fill: Fill):
    fill(just_scanned)
    said = desk("status")
    assert said.code == 0
    assert "2 of 3 accounts are active, all of them well. Times are UTC." in said.out
    assert row(desk)["overdue"] is None


async def scanned_as_of_the_past(ledger: Ledger) -> None:
    """What a demonstration and a replay leave: scans of today that ask for candles of long ago."""
    await ended(ledger, CycleState.HELD, started=CLOSE + timedelta(minutes=10))


def test_scans_that_should_have_begun_and_have_not_are_told(desk: Desk, fill: Fill):
    fill(traded)
    said = desk("status")
    assert said.code == 1
    told = (
        "2 of 3 accounts are active, 1 of them not scanned when it was due: see whether `desk up` runs. Times are UTC."
    )
    assert said.out.endswith(f"{told}\n")
    assert datetime.now(UTC) - datetime.fromisoformat(str(row(desk)["overdue"])) < timedelta(minutes=10)
    told = next(line for line in desk("status").out.splitlines() if line.startswith("Scans were due"))
    assert told.startswith("Scans were due and have not begun: sample since ")
    assert told.endswith(" UTC; is `desk up` running?")


def test_an_account_that_nobody_runs_misses_nothing(desk: Desk, fill: Fill):
    fill(scanned_as_of_the_past)
    said = desk("status")
    assert (said.code, row(desk)["overdue"]) == (0, None)
    assert "Scans were due" not in said.out
    assert "all of them well" in said.out


def test_a_scan_that_came_too_late_was_scanned_by_its_schedule(desk: Desk, fill: Fill):
    fill(lambda ledger: ended(ledger, CycleState.SKIPPED_STALE, started=CLOSE + timedelta(hours=3)))
    assert desk("status").code == 1


def test_json_has_the_exact_amounts(desk: Desk, fill: Fill):
    fill(traded)
    told = row(desk)
    age = told.pop("age_seconds")
    assert isinstance(age, float)
    assert age > 0
    assert datetime.fromisoformat(told.pop("overdue")) > datetime.now(UTC) - timedelta(minutes=10)
    assert datetime.fromisoformat(told.pop("next_run")) > datetime.now(UTC) - timedelta(minutes=5)
    assert told == {
        "account": "sample",
        "group": None,
        "mode": "paper",
        "active": True,
        "state": "traded",
        "candle_close": "2026-01-14T15:00:00+00:00",
        "currency": "USD",
        "equity": "10012.345",
        "day_profit": "12.245",
        "drawdown_fraction": 0.0,
        "open_positions": 1,
        "trading_state": "active",
        "wrong": "",
    }
    assert row(desk, "fresh")["state"] is None


def test_the_age_is_told_by_the_clock_of_the_accounts_feed(desk: Desk, fill: Fill, home: Path):
    accounts = home / "config" / "accounts.yaml"
    (home / "config" / "eur.csv").touch()
    # Simulated time hardly moves: whatever the machine's clock shows, it is three minutes after the candle.
    clock = "{start: 2026-01-14T15:03:00Z, anchor: 2026-01-01T00:00:00Z, speed: 0.000000000001}"
    recorded = f"feeds:\n  embedded: {{kind: recorded, files: {{EUR/USD: eur.csv}}, clock: {clock}}}\n"
    text = accounts.read_text().replace("feeds:\n  embedded: {kind: synthetic, seed: 7}\n", recorded)
    accounts.write_text(text.replace("[EUR/USD, XAU/USD, BTC/USD]", "[EUR/USD]").replace("GBP/USD", "EUR/USD"))
    fill(held)
    assert "held 15:00, 3 min ago" in desk("status").out


@pytest.mark.parametrize("state", [CycleState.FAILED, CycleState.CRASHED])
def test_an_active_account_whose_run_ended_badly_is_not_well(desk: Desk, fill: Fill, state: CycleState):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        await failed(ledger, state=state)

    fill(story)
    said = desk("status")
    assert said.code == 1
    assert f"{state}: VenueUnavailable: oanda: candles failed: no answer\n" in said.out
    assert "Traceback" not in said.out
    assert "1 of them not well: ask `desk why ACCOUNT`" in said.out


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (CycleState.NO_TRADE, 1),
        (CycleState.HELD, 0),
        (CycleState.SKIPPED_STALE, 0),
        (CycleState.RUNNING, 0),
        (CycleState.CANCELLED, 0),
    ],
)
def test_only_what_went_wrong_makes_the_exit_code_1(desk: Desk, fill: Fill, state: CycleState, code: int):
    fill(lambda ledger: just_scanned(ledger, state))
    assert desk("status").code == code
    assert row(desk)["wrong"] == ("no_trade: no answer" if code else "")


def test_an_inactive_account_is_shown_as_off_and_cannot_be_ill(desk: Desk, fill: Fill):
    fill(lambda ledger: failed(ledger, account="resting"))
    said = desk("status")
    assert said.code == 0
    assert "dry_run, off" in said.out


def test_an_account_that_is_stopped_says_so(desk: Desk, fill: Fill):
    async def story(ledger: Ledger) -> None:
        await ledger.set_trading_state("account:sample", TradingState.HALTED, who="me", why="holiday")

    fill(story)
    assert "trading state is halted until it is lifted: holiday" in desk("status").out


def test_a_state_is_told_with_its_end_and_never_with_one_after_which_another_as_strict_still_holds(
    desk: Desk, fill: Fill
):
    async def holiday(ledger: Ledger) -> None:
        until = datetime(2199, 1, 1, tzinfo=UTC)
        await ledger.set_trading_state("account:sample", TradingState.HALTED, who="me", why="holiday", until=until)

    async def loss(ledger: Ledger) -> None:
        trip = Trip(Limit.DAILY_LOSS, TradingState.HALTED, Decimal(1), Decimal(1), "much is lost")
        await ledger.record_trips("sample", [trip])

    fill(holiday)
    assert row(desk)["wrong"] == "trading state is halted until 2199-01-01 00:00: holiday"
    assert "2199-01-01 00:00" in desk("states").out
    fill(loss)
    assert row(desk)["wrong"] == "trading state is halted until it is lifted: much is lost"


def test_an_account_that_is_not_configured_any_more_is_mentioned(desk: Desk, fill: Fill):
    fill(lambda ledger: ended(ledger, CycleState.HELD, account="gone"))
    assert "Also in the ledger, and not configured any more: gone." in desk("status").out


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_every_account_is_shown_at_any_width(desk: Desk, fill: Fill, monkeypatch: pytest.MonkeyPatch, width: int):
    async def story(ledger: Ledger) -> None:
        await traded(ledger)
        await held(ledger, CLOSE + timedelta(minutes=10))

    fill(story)
    monkeypatch.setenv("COLUMNS", str(width))
    said = desk("status").out.splitlines()
    assert max(map(len, said)) <= width
    assert [line.split()[0] for line in said if line.startswith(("sample", "fresh", "resting"))] == [
        "sample",
        "fresh",
        "resting",
    ]


def test_while_the_configuration_is_broken_the_fleet_is_shown_as_it_is_in_force(desk: Desk, home: Path, fill: Fill):
    fill(traded)
    accounts = home / "config" / "accounts.yaml"
    good = accounts.read_text(encoding="utf-8")
    LastGood(home, Path("config")).keep(read_files(Path("config")))
    accounts.write_text(good.replace("timezone", "timezon"), encoding="utf-8")
    said = desk("status")
    assert said.code == 3
    assert "sample" in said.out
    assert "did you mean 'timezone'?" in said.err
    assert "Scans go by the configuration before it" in said.err
    assert len(desk("status", "--json").json) == 3
    assert "scans go by the configuration before it" in desk("config", "check").err
    assert desk("config", "check", "--json").json["goes_on"] is True
