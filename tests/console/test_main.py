import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer
from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.testing import CliRunner

from console.commands import look, run, set_up
from console.commands.words import LOOK, RUN, SET_UP
from console.failures import NothingRecorded, NotUnderstood, PrefectNotReached, exit_code_of, report
from console.main import _ORDER, EPILOG, app
from console.reference import render_reference
from deployments.server import ServerNotReady
from desk.errors import ConfigError, LeaseLost, LedgerError, StaleCandles
from tests.console.conftest import Desk, Fill
from tests.console.stories import just_scanned, traded

ROOT = Path(__file__).parents[2]
HEAVY = ("prefect", "pandas", "talib", "alembic", "pyarrow", "asyncpg")


def imported_by(*commands: str, watched: tuple[str, ...]) -> str:
    """Run commands in one new process and say which of the watched modules are loaded afterwards."""
    code = f"""
import sys
from console.main import main
for command in {commands!r}:
    try:
        main(command.split())
    except SystemExit as ended:
        assert ended.code in (None, 0), (command, ended.code)
sys.stderr.write(repr([name for name in {watched!r} if name in sys.modules]))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return ended.stderr.strip()


def test_help_loads_nothing_heavy():
    assert imported_by("--help", watched=(*HEAVY, "sqlmodel", "numpy", "ruamel.yaml", "httpx")) == "[]"


def test_looking_around_loads_nothing_that_only_scans_need(fill: Fill):
    fill(traded)
    fill(just_scanned)
    commands = ("status", "why sample", "accounts", "strategies show breakout", "config check", "config show sample")
    assert imported_by(*commands, watched=HEAVY) == "[]"


def test_a_halt_is_in_force_before_more_is_loaded_than_the_ledger_needs(fill: Fill):
    fill(traded)
    assert imported_by("halt fleet --why drill", watched=HEAVY) == "[]"
    # The configuration is read when the halt is in force; numpy comes with it.
    ended = subprocess.run(
        [sys.executable, "-c", "import sys, console.halting; print('numpy' in sys.modules)"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == "False"


def test_a_light_command_does_not_open_the_database_library(home: Path):
    commands = ("accounts", "strategies", "config check", "config schema")
    assert imported_by(*commands, watched=("sqlalchemy", "sqlmodel")) == "[]"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StaleCandles("late"), 1),
        (NothingRecorded("never scanned"), 1),
        (NotUnderstood("no such account"), 2),
        (ConfigError("wrong"), 3),
        (LedgerError("locked"), 4),
        (LeaseLost("taken over"), 4),
        (PrefectNotReached("silent"), 5),
        (ServerNotReady("port taken"), 5),
        (ZeroDivisionError("a bug"), None),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: Exception, code: int | None):
    assert exit_code_of(error) == code


@pytest.mark.parametrize("code", range(6))
def test_every_exit_code_is_explained(code: int):
    assert f" {code} " in EPILOG
    assert f"* `{code}` " in render_reference()


def test_one_problem_is_one_line(capsys: pytest.CaptureFixture[str]):
    report(LedgerError("expected a ledger, found none"))
    assert capsys.readouterr().err == "desk: expected a ledger, found none\n"


def test_problems_of_a_configuration_are_counted_and_listed(capsys: pytest.CaptureFixture[str]):
    report(ConfigError("a.yaml:1: one\na.yaml:2: two"))
    assert capsys.readouterr().err == "desk: 2 problems in the configuration:\na.yaml:1: one\na.yaml:2: two\n"


@pytest.mark.parametrize(
    "words", [("statu",), ("status", "--jsn"), ("why",), ("config", "schema", "--file", "plicy"), ("up", "--port", "x")]
)
def test_wrong_words_end_with_2_and_a_hint(desk: Desk, words: tuple[str, ...]):
    ended = desk(*words)
    assert ended.code == 2
    assert "--help" in ended.err
    assert ended.out == ""


def test_without_words_the_help_is_shown():
    shown = CliRunner().invoke(app, [])
    assert "Commands" in shown.output or "Run" in shown.output
    assert "Exit codes: 0 done" in " ".join(shown.output.split())


def test_the_version_is_that_of_the_distribution(desk: Desk):
    ended = desk("--version")
    assert (ended.code, ended.out.split()[0]) == (0, "scandesk")


def test_options_before_the_command_choose_another_installation(desk: Desk, home: Path, fill: Fill):
    elsewhere = home / "elsewhere"
    (home / "config").rename(home / "settings")
    assert desk("status").code == 3
    ended = desk("--config", str(home / "settings"), "status")
    assert ended.code == 0
    ended = desk("--config", str(home / "settings"), "--home", str(elsewhere), "status")
    assert ended.code == 4
    assert str(elsewhere) in ended.err
    address = f"sqlite:///{home / 'desk.db'}"
    assert desk("--home", str(elsewhere), "--database", address, "status").code == 0


@pytest.mark.parametrize("value", ["tgram://canary", '{"canary": 1}'])
def test_a_setting_that_cannot_be_read_is_named_without_its_value(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, value: str
):
    monkeypatch.setenv("DESK_NOTIFY_URLS", value)
    ended = desk("accounts")
    assert (ended.code, ended.out) == (3, "")
    assert "notify_urls" in ended.err.lower()
    assert "canary" not in ended.err


def test_an_error_has_no_traceback_in_a_real_process(home: Path):
    command = [sys.executable, "-c", "from console.main import main; main(['status'])"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 4
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"desk: {home / 'desk.db'}: expected the ledger, found no file; run `desk up`")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"), [("config check", 141, ""), ("config schema", 141, ""), ("status", 4, "desk: ")]
)
def test_a_command_ends_quietly_where_nobody_reads_on(home: Path, words: str, code: int, said: str):
    reads, writes = os.pipe()
    os.close(reads)
    run = [sys.executable, "-c", f"from console.main import main; main({words.split()!r})"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(run, env=environment, stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writes)
    assert (ended.returncode, ended.stderr.partition(str(home))[0]) == (code, said)


@pytest.mark.parametrize(("module", "panel"), [(run, RUN), (look, LOOK), (set_up, SET_UP)])
def test_a_command_is_in_the_panel_of_its_module_and_in_the_order_of_the_reference(module: ModuleType, panel: str):
    mine = [command.callback.__name__ for command in module.app.registered_commands if command.callback]
    every = [command.callback.__name__ for command in app.registered_commands if command.callback]
    assert {command.rich_help_panel for command in module.app.registered_commands} == {panel}
    assert set(mine) <= set(every)
    assert len(every) == len(set(every))
    assert every[: len(_ORDER)] == list(_ORDER)


def parameters() -> list[tuple[str, TyperArgument | TyperOption]]:
    def below(group: TyperGroup, path: str) -> list[tuple[str, TyperArgument | TyperOption]]:
        found = [(path, parameter) for parameter in group.params]
        for name, command in group.commands.items():
            if isinstance(command, TyperGroup):
                found += below(command, f"{path} {name}")
            else:
                found += [(f"{path} {name}", parameter) for parameter in command.params]
        return found

    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    return below(root, "desk")


@pytest.mark.parametrize(("path", "parameter"), [(path, each) for path, each in parameters()])
def test_every_argument_and_option_is_explained(path: str, parameter: TyperArgument | TyperOption):
    assert parameter.help, f"{path}: {parameter.name}"
    assert parameter.help.endswith("."), parameter.help


def test_every_command_prints_json_on_request():
    commands = {path for path, _ in parameters()} - {"desk"}
    assert commands == {path for path, parameter in parameters() if "--json" in parameter.opts}
    assert {"desk why", "desk venues check"} <= commands


def test_the_reference_page_says_what_the_commands_say():
    page = ROOT / "docs" / "reference" / "cli.md"
    assert page.read_text(encoding="utf-8") == render_reference(), "the commands have changed: run `make docs`"


def completed(home: Path, words: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "_DESK_COMPLETE": "complete_bash", "COMP_WORDS": words}
    environment["COMP_CWORD"] = str(words.count(" "))
    command = [sys.executable, "-c", "from console.main import main; main()"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=home)
    assert ended.stderr == ""
    return ended.stdout.split()


def test_a_shell_completes_commands_and_the_names_of_accounts(home: Path):
    assert completed(home, "desk st") == ["status", "states", "strategies"]
    assert completed(home, "desk why sa") == ["sample"]
    (home / "config" / "accounts.yaml").write_text("broken: [")
    assert completed(home, "desk why ") == []
