"""The life of an account by command, from adding to removing; deployments follow, or it is said why not."""

import asyncio
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path
from typing import TypeVar

import pytest
from prefect.client.orchestration import PrefectClient, get_client

from deployments.apply import apply, compare
from deployments.plan import plan_fleet
from desk.adapters.configuration import read_fleet
from tests.console.conftest import ACCOUNTS, Desk, Fill
from tests.console.stories import traded

T = TypeVar("T")

NEW = ("instruments=[GBP/USD]", "strategies=[{name: breakout}]", "schedule={every: 15m}", "description=a: b")
ADD = ("accounts", "add", "new", *(word for key in NEW for word in ("--set", key)))


def accounts(home: Path) -> str:
    return (home / "config" / "accounts.yaml").read_text(encoding="utf-8")


def at_server(act: Callable[[PrefectClient], Awaitable[T]]) -> T:
    async def run() -> T:
        async with get_client() as client:
            return await act(client)

    return asyncio.run(run())


def is_paused() -> bool:
    return at_server(lambda client: client.read_deployment_by_name("scan/fresh")).paused


def deployments() -> set[str]:
    """Return all that there are: what would be removed where none were planned."""
    return {one.name for one in at_server(lambda client: compare(client, []))}


def audited(desk: Desk) -> list[tuple[str, str, object]]:
    return [(row["who"], row["subject"], row["detail"]["after"]) for row in desk("audit", "--json").json]


@pytest.mark.usefixtures("no_server")
def test_without_a_server_the_file_is_written_and_it_is_said_what_is_left_to_do(desk: Desk, home: Path):
    said = desk("accounts", "stop", "fresh", "--why", "holiday", "--as", "me", "--yes")
    assert said.code == 0, said
    assert "+    active: false" in said.out.splitlines()
    assert "accounts.yaml: written; the next scan goes by it." in said.out
    assert "No deployment was brought in line: expected the address of a Prefect server" in said.out
    assert "`desk deploy` does it" in said.out
    assert "`desk halt account:fresh` works at once" in said.out
    assert audited(desk) == [("me", "accounts.fresh.active", "false")]
    again = desk("accounts", "stop", "fresh", "--yes", "--json").json
    assert (again["changed"], again["deployments"]) == ([], [])
    assert desk("accounts", "start", "fresh", "--yes").code == 0
    assert accounts(home) == ACCOUNTS.replace("Europe/London}\n", "Europe/London}\n    active: true\n")


@pytest.mark.usefixtures("no_server")
def test_an_account_is_added_cloned_and_removed_and_it_is_said_what_is_left_to_do(desk: Desk, home: Path):
    added = desk(*ADD, "--yes")
    assert added.code == 0, added
    assert accounts(home).endswith('    schedule: {every: 15m}\n    description: "a: b"\n')
    left = ["When a server runs, `desk deploy` does it.", "Until then new is not scanned."]
    assert added.out.splitlines()[-2:] == left
    assert "No deployment was brought in line: expected the address of a Prefect server" in added.out
    assert "Decide by something else" not in added.out, "nothing was decided for it before"
    assert desk("accounts", "clone", "new", "newer", "--set", "schedule.offset=7s", "--yes").code == 0
    assert desk("config", "show", "newer", "--json").json["schedule"]["offset"] == "7s"
    told = desk("accounts", "remove", "newer", "--yes", "--json").json
    assert (told["deployments"], "expected the address of a Prefect server" in told["problem"]) == ([], True)
    removed = desk("accounts", "remove", "new", "--yes")
    assert removed.out.splitlines()[-1] == (
        "Until then a schedule of new goes on there, and its runs fail, for there is no such account."
    )
    assert accounts(home) == ACCOUNTS
    assert [subject for _, subject, _ in audited(desk)][-1] == "accounts.new"


@pytest.mark.usefixtures("no_server")
def test_an_account_that_cannot_be_is_told(desk: Desk, home: Path):
    assert "expected a new name, found 'fresh'" in desk("accounts", "add", "fresh", "--yes").err
    assert "accounts.newest" in desk("accounts", "add", "newest", "--yes").err
    assert "found 'fesh'; did you mean 'fresh'?" in desk("accounts", "clone", "fesh", "newest", "--yes").err
    assert "found 'fesh'; did you mean 'fresh'?" in desk("accounts", "remove", "fesh", "--yes").err
    assert "expected KEY=VALUE" in desk("accounts", "add", "newest", "--set", "venue", "--yes").err
    assert accounts(home) == ACCOUNTS


def test_an_account_that_holds_something_is_not_removed(desk: Desk, home: Path, fill: Fill):
    fill(traded)
    said = desk("accounts", "remove", "sample", "--yes")
    assert said.code == 3
    assert "expected an account that holds nothing, found positions in" in said.err
    assert "desk halt account:sample --flatten" in said.err
    assert accounts(home) == ACCOUNTS


@pytest.mark.usefixtures("no_server")
def test_a_strategy_is_loaded_with_its_parameters_in_place_of_others(desk: Desk, home: Path):
    words = ("accounts", "load", "sample", "breakout", "--parameter", "channel_period=30", "--yes", "--json")
    said = desk(*words)
    assert said.code == 0, said
    assert said.json["affected"] == ["sample"]
    new = "strategies: [{name: breakout, parameters: {channel_period: 30}}]"
    assert accounts(home) == ACCOUNTS.replace("strategies: [{name: momentum_trading}]", new)
    assert desk("config", "show", "sample", "--json").json["strategies"][0]["parameters"]["channel_period"] == 30
    assert audited(desk)[0] == (audited(desk)[0][0], "accounts.sample.strategies", "[{name: breakout}]")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("stop", "fesh"), 2, "did you mean 'fresh'?"),
        (("load", "sample", "brekout"), 2, "did you mean 'breakout'?"),
        (("load", "sample", "breakout", "--parameter", "x}]: 1=2"), 2, "expected the name of a parameter"),
        (("load", "sample", "breakout", "--parameter", "chanel_period=30"), 2, "did you mean 'channel_period'?"),
        (("load", "sample", "breakout", "--parameter", "channel_period=1"), 2, "channel_period"),
        (("stop", "fresh", "--json"), 2, "expected --yes with it"),
    ],
)
def test_what_cannot_be_is_refused_with_the_nearest_name(desk: Desk, home: Path, words, code, told):
    said = desk("accounts", *words, *(() if "--json" in words else ("--yes",)))
    assert said.code == code
    assert told in said.err
    assert accounts(home) == ACCOUNTS


@pytest.mark.usefixtures("no_server")
def test_without_consent_nothing_is_changed(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    said = desk("accounts", "stop", "fresh")
    assert (said.code, said.out.splitlines()[-1]) == (1, "Do that? [y/N]: nothing was changed")
    assert accounts(home) == ACCOUNTS


def test_a_file_that_cannot_be_used_is_not_reloaded(desk: Desk, home: Path):
    path = home / "config" / "accounts.yaml"
    path.write_text(ACCOUNTS.replace("cron:", "crn:"))
    said = desk("accounts", "reload", "fresh", "--yes")
    assert said.code == 3
    assert "did you mean 'cron'?" in said.err


@pytest.mark.prefect
def test_deployments_of_the_account_follow_and_no_others(desk: Desk, home: Path, prefect_api: str):
    at_server(lambda client: apply(client, []))
    at_server(lambda client: apply(client, plan_fleet(read_fleet(home / "config"))))
    other = accounts(home).replace("every: 5m, offset: 5s", "every: 10m")
    (home / "config" / "accounts.yaml").write_text(other)

    stopped = desk("accounts", "stop", "fresh", "--yes")
    assert stopped.code == 0, stopped
    lines = stopped.out.splitlines()
    assert lines.index("scan/fresh: update") < lines.index("accounts.yaml: written; the next scan goes by it.")
    assert "    paused: False → True" in lines
    assert lines[-2:] == ["scan/fresh: updated", "watch/fresh: removed"]
    assert "scan/sample" not in stopped.out
    assert is_paused() is True

    started = desk("accounts", "start", "fresh", "--yes", "--json").json
    assert {one["deployment"]: one["action"] for one in started["deployments"]} == {
        "scan/fresh": "update",
        "watch/fresh": "create",
    }
    assert is_paused() is False

    reloaded = desk("accounts", "reload", "sample", "--yes")
    assert "scan/sample: updated" in reloaded.out
    assert desk("accounts", "reload", "sample", "--yes").out.splitlines()[-1] == "watch/sample: in line"
    at_server(lambda client: apply(client, []))


@pytest.mark.prefect
def test_deployments_of_a_new_account_are_made_and_those_of_a_removed_one_removed(
    desk: Desk, prefect_api: str, monkeypatch: pytest.MonkeyPatch
):
    at_server(lambda client: apply(client, []))
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    planned = desk(*ADD)
    assert planned.code == 1
    assert planned.out.splitlines()[-3:-1] == ["scan/new: create", "watch/new: create"]
    assert deployments() == set()

    assert desk(*ADD, "--yes").out.splitlines()[-2:] == ["scan/new: made", "watch/new: made"]
    assert desk("accounts", "clone", "new", "newer", "--yes").code == 0
    assert deployments() == {"scan/new", "watch/new", "scan/newer", "watch/newer"}
    removed = desk("accounts", "remove", "new", "--yes")
    assert removed.out.splitlines()[-2:] == ["scan/new: removed", "watch/new: removed"]
    assert deployments() == {"scan/newer", "watch/newer"}
    at_server(lambda client: apply(client, []))
