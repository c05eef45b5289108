from pathlib import Path

import pytest

from console.failures import NotUnderstood
from console.services.changing import ChangeWanted, ProposedChange, change, proposed_change
from console.services.opening import OpenDesk
from desk.adapters.settings import settings
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import held

FAST = "accounts.sample.strategies[0].parameters.fast_period"


@pytest.fixture
def filled(fill: Fill) -> None:
    fill(held)


@pytest.mark.usefixtures("filled")
def test_a_change_is_shown_and_nothing_is_written(ask: Ask, home: Path):
    before = (home / "config" / "accounts.yaml").read_text()
    found = ask(lambda _: proposed_change(settings(), ChangeWanted({FAST: "9"})))
    [file] = found.changed
    assert (file.file, found.affected, found.to_deploy) == ("accounts.yaml", ("sample",), False)
    assert "+    strategies: [{name: momentum_trading, parameters: {fast_period: 9}}]" in file.difference
    assert (home / "config" / "accounts.yaml").read_text() == before


@pytest.mark.usefixtures("filled")
def test_a_change_is_written_as_it_was_shown_with_a_row_of_the_audit(ask: Ask, home: Path):
    async def agree(desk: OpenDesk) -> tuple[str, str, str, str]:
        wanted = ChangeWanted({FAST: "9"})
        agreed = (await proposed_change(settings(), wanted)).digest
        await change(desk.ledger, settings(), wanted, agreed=agreed, who="ana", why="slow\x1b", at=CLOSE)
        [entry] = await desk.ledger.audit_entries()
        return entry.who, entry.action, entry.subject, entry.detail["why"]

    assert ask(agree) == ("ana", "configured", FAST, "slow")
    assert "fast_period: 9" in (home / "config" / "accounts.yaml").read_text()


@pytest.mark.usefixtures("filled", "no_server")
def test_what_runs_otherwise_follows_or_it_is_said_why_not(ask: Ask, home: Path):
    async def agree(desk: OpenDesk) -> ProposedChange:
        wanted = ChangeWanted({"accounts.sample.schedule.every": "10m"})
        shown = await proposed_change(settings(), wanted)
        assert (shown.to_deploy, shown.problem) == (True, "")
        return await change(desk.ledger, settings(), wanted, agreed=shown.digest, who="ana", why="", at=CLOSE)

    assert ask(agree).problem.startswith("expected the address of a Prefect server")
    assert "every: 10m" in (home / "config" / "accounts.yaml").read_text()


@pytest.mark.usefixtures("filled")
def test_what_falls_back_to_its_default_is_removed(ask: Ask, home: Path):
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("{name: breakout}", "{name: breakout, weight: 2}"))
    found = ask(lambda _: proposed_change(settings(), ChangeWanted(removed=("accounts.fresh.strategies[0].weight",))))
    assert "+    strategies: [{name: breakout}]" in found.changed[0].difference


@pytest.mark.usefixtures("filled")
def test_what_was_not_shown_is_not_written(ask: Ask, home: Path):
    before = (home / "config" / "accounts.yaml").read_text()

    def ordered(value: str, agreed: str) -> None:
        wanted = ChangeWanted({FAST: value})
        ask(lambda desk: change(desk.ledger, settings(), wanted, agreed=agreed, who="ana", why="", at=CLOSE))

    shown = ask(lambda _: proposed_change(settings(), ChangeWanted({FAST: "9"}))).digest
    for value, agreed, said in (("10", shown, "as it was shown"), ("9", "", "as it was shown"), ("-1", shown, "fast")):
        with pytest.raises(NotUnderstood, match=said):
            ordered(value, agreed)
    assert (home / "config" / "accounts.yaml").read_text() == before
