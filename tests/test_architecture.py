"""The shape of the code: who may import whom, and what the core never touches. Every check is seen failing too."""

import ast
import importlib
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.prefect_server import PROJECT, process_environment

PACKAGES = ("desk", "flows", "tasks", "blocks", "deployments", "console", "simulator", "drill")
CORE = (
    *(
        "desk/model",
        "desk/indicators",
        "desk/regimes",
        "desk/monitor",
        "desk/universe",
        "desk/matching",
        "desk/candle_checks",
        "desk/strategies",
        "desk/sizing",
        "desk/risk",
    ),
    *("desk/execution", "desk/steps", "desk/decide", "desk/plugin.py", "desk/ports.py", "desk/errors.py"),
)
MONEY = (
    *(
        "desk/matching",
        "desk/execution",
        "desk/sizing",
        "desk/portfolio",
        "desk/model/books.py",
        "desk/model/orders.py",
    ),
    *("desk/model/instrument.py", "desk/model/trade.py", "desk/adapters/ledger", "desk/adapters/venues"),
)
CONTRACTS = (
    "orchestration stands on the desk, never the other way round",
    "the simulator stands on the desk alone",
    "inside the desk, everything points at the nouns",
    "the desk does not know Prefect",
    "only adapters do I/O",
    "commands, API, pages and bot stand on the services",
    "WebSockets are spoken in one place",
    "plug-ins of one kind do not import each other",
)
VIOLATIONS = {
    "desk/strategies/breakout.py": "import desk.strategies.mean_reversion",
    "desk/model/trade.py": "import sqlmodel",
    "desk/matching/money.py": "import prefect",
    "desk/adapters/venues/dry_run.py": "import websockets",
    "desk/sizing/fixed_fraction.py": "import flows.scan",
    "simulator/clock.py": "import blocks.account",
    "console/services/states.py": "import console.api.app",
    "desk/attic/__init__.py": '"""A folder that has no place in the layers."""',
}

# What makes an answer depend on more than what was asked.
IMPURE_CALLS = frozenset({"now", "utcnow", "today", "time", "time_ns", "monotonic", "uuid1", "uuid4", "urandom"})
IMPURE_BUILTINS = frozenset({"open", "input", "print", "exec", "eval"})
IMPURE_MODULES = frozenset({"random", "secrets", "time", "uuid", "os", "socket", "subprocess", "threading"})


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = {**process_environment(), "PYTHONPATH": str(directory)}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def found_in(places: tuple[str, ...], check: Callable[[str], list[str]]) -> dict[str, list[str]]:
    """What a check finds in files and folders, by file; each place must exist."""
    paths = [
        path
        for place in places
        for path in ((PROJECT / place).rglob("*.py") if "." not in place else [PROJECT / place])
    ]
    assert len(paths) > len(places)
    found = {path.relative_to(PROJECT).as_posix(): check(path.read_text()) for path in paths}
    return {path: lines for path, lines in found.items() if lines}


def impurities(source: str) -> list[str]:
    """Lines of a module that read a clock, draw a random number or do I/O."""
    return [f"{node.lineno}: {ast.unparse(node)}" for node in ast.walk(ast.parse(source)) if is_impure(node)]


def is_impure(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in IMPURE_MODULES for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in IMPURE_MODULES
    if isinstance(node, ast.Attribute):
        return node.attr == "random" and isinstance(node.value, ast.Name)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in IMPURE_CALLS and not node.args
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_BUILTINS


def floats_in_decimals(source: str) -> list[str]:
    """Lines that make a Decimal of a binary float, which has other digits than it shows."""
    return [f"{node.lineno}: {ast.unparse(node)}" for node in ast.walk(ast.parse(source)) if makes_of_float(node)]


def makes_of_float(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Decimal") and node.args):
        return False
    first = node.args[0]
    calls_float = isinstance(first, ast.Call) and ast.unparse(first.func) == "float"
    return calls_float or any(is_float(part) for part in ast.walk(first))


def is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def float_literals(source: str) -> list[str]:
    """Lines with a binary float written out."""
    return [f"{node.lineno}: {node.value!r}" for node in ast.walk(ast.parse(source)) if is_float(node)]


@pytest.fixture(scope="module")
def broken_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code with one violation of each contract."""
    tree = tmp_path_factory.mktemp("violations")
    ignored = shutil.ignore_patterns("__pycache__")
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, tree / package, ignore=ignored)
    shutil.copy(PROJECT / "pyproject.toml", tree)
    for place, line in VIOLATIONS.items():
        path = tree / place
        path.parent.mkdir(exist_ok=True)
        before = path.read_text() if path.exists() else ""
        path.write_text(f"{before}\n{line}\n")
    return tree


def test_the_import_contracts_hold():
    answer = lint_imports(PROJECT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    for contract in CONTRACTS:
        assert f"{contract} KEPT" in answer.stdout


def test_a_violation_of_each_import_contract_is_found_and_named(broken_tree):
    answer = lint_imports(broken_tree)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    for contract in CONTRACTS:
        assert f"{contract} BROKEN" in answer.stdout
    for named in (
        "desk.strategies.breakout -> desk.strategies.mean_reversion",
        "desk.model.trade -> sqlmodel",
        "desk.matching.money -> prefect",
        "desk.adapters.venues.dry_run -> websockets",
        "desk.sizing.fixed_fraction -> flows.scan",
        "simulator.clock -> blocks.account",
        "attic",
    ):
        assert named in answer.stdout


def test_the_contracts_cover_every_package_that_is_shipped():
    tool = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]
    assert set(tool["importlinter"]["root_packages"]) == set(PACKAGES)
    assert set(tool["hatch"]["build"]["targets"]["wheel"]["packages"]) == set(PACKAGES)
    assert {contract["name"] for contract in tool["importlinter"]["contracts"]} == set(CONTRACTS)


def test_the_core_reads_no_clock_draws_no_random_number_and_does_no_io():
    assert found_in(CORE, impurities) == {}


@pytest.mark.parametrize(
    "line",
    [
        "now = datetime.now(tz=UTC)",
        "now = datetime.datetime.utcnow()",
        "day = date.today()",
        "import time",
        "from random import shuffle",
        "key = uuid.uuid4()",
        "noise = np.random.normal(0, 1)",
        "text = open('prices.csv').read()",
        "print(1)",
    ],
)
def test_a_module_of_the_core_that_did_would_be_found(line):
    assert len(impurities(f"x = 1\n{line}\n")) >= 1


def test_asking_a_port_for_the_time_is_not_a_clock_of_ones_own():
    assert impurities("at = conversion.rate(currency, at)\nnow = market.now(book, at)\n") == []


def test_no_decimal_is_made_of_a_binary_float_and_none_is_written_where_money_is_counted():
    assert found_in(MONEY, floats_in_decimals) == {}
    lines = found_in(MONEY, float_literals)
    assert set(lines) <= {"desk/adapters/ledger/database.py"}, lines  # pauses, in seconds


@pytest.mark.parametrize("line", ["Decimal(0.1)", "decimal.Decimal(float(x))", "Decimal(x * 1.5)"])
def test_a_decimal_of_a_binary_float_would_be_found(line):
    assert len(floats_in_decimals(f"price = {line}")) == 1


def test_a_written_float_would_be_found():
    assert float_literals("price = quantity * 1.5") == ["1: 1.5"]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_that_are_imported_are_ours(package):
    # `flows` and `tasks` are names on the public index too.
    assert Path(importlib.import_module(package).__path__[0]) == PROJECT / package
