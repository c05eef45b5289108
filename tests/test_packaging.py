"""What is installed, from which versions, and that it is never uploaded."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.prefect_server import PROJECT

PYPROJECT = (PROJECT / "pyproject.toml").read_text()
CONSTRAINTS = (PROJECT / "constraints.txt").read_text()
SETTINGS = tomllib.loads(PYPROJECT)
META = SETTINGS["project"]
EXTRAS = META["optional-dependencies"]
REQUIREMENTS = [
    Requirement(line) for line in (*META["dependencies"], *(name for extra in EXTRAS.values() for name in extra))
]


def pinned() -> dict[str, Version]:
    lines = [line for line in CONSTRAINTS.splitlines() if line and not line.startswith("#")]
    pairs = [line.partition("==") for line in lines]
    return {canonicalize_name(name): Version(version) for name, _, version in pairs}


def requirement(name: str) -> Requirement:
    [found] = [required for required in REQUIREMENTS if canonicalize_name(required.name) == name]
    return found


@pytest.mark.parametrize(
    ("group", "name", "module"),
    [("console_scripts", "desk", "console.main"), ("prefect.collections", "scandesk", "deployments.worker")],
)
def test_what_the_installation_registers_can_be_loaded(group, name, module):
    [point] = [point for point in entry_points(group=group) if point.name == name]
    assert point.module == module
    assert point.load() is not None


def test_every_requirement_is_pinned_to_a_version_that_it_allows():
    pins = pinned()
    missing = [str(required) for required in REQUIREMENTS if canonicalize_name(required.name) not in pins]
    forbidden = [
        f"{required} but {pins[canonicalize_name(required.name)]}"
        for required in REQUIREMENTS
        if canonicalize_name(required.name) in pins
        and not required.specifier.contains(pins[canonicalize_name(required.name)])
    ]
    assert missing == []
    assert forbidden == []


@pytest.mark.parametrize(
    ("name", "last_good", "first_bad", "reason"),
    [
        ("fastapi", "0.150.0", "0.151.0", "server dies at start"),
        ("sqlalchemy", "2.0.99", "2.1.0", "scheduler silently creates no runs"),
    ],
)
def test_the_versions_that_prefect_cannot_live_with_are_kept_out_and_the_reason_stands_beside(
    name, last_good, first_bad, reason
):
    assert requirement(name).specifier.contains(last_good)
    assert not requirement(name).specifier.contains(first_bad)
    assert pinned()[name] < Version(first_bad)
    for text in (PYPROJECT, CONSTRAINTS):
        comments = " ".join(line.strip("# ") for line in text.splitlines() if line.strip().startswith("#"))
        assert reason in comments


def test_the_constraints_are_names_and_versions_only():
    lines = [line for line in CONSTRAINTS.splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line)] == []
    assert "://" not in CONSTRAINTS
    assert len(lines) == len(pinned())


def test_the_application_cannot_be_uploaded_by_mistake():
    assert "Private :: Do Not Upload" in META["classifiers"]


def test_every_python_that_is_declared_is_allowed_and_no_other():
    declared = {found for line in META["classifiers"] if (found := line.rpartition(" :: ")[2])[0].isdigit()}
    specifier = Requirement(f"python{META['requires-python']}").specifier
    assert {f"3.{minor}" for minor in range(8, 20) if specifier.contains(f"3.{minor}.1")} == declared


def test_nothing_of_the_packages_is_left_out_of_the_wheel_by_an_ignore_rule():
    # hatchling leaves out what .gitignore names.
    packages = SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    command = ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "--", *packages]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip(f"not a git checkout: {listed.stderr.strip()}")
    assert [line for line in listed.stdout.splitlines() if "cache" not in line] == []


@pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed; install the dev extra")
def test_the_wheel_has_every_package_and_the_migrations(tmp_path: Path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = set(ZipFile(wheel).namelist())
    ours = {
        path.relative_to(PROJECT).as_posix()
        for package in SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        for path in (PROJECT / package).rglob("*.py")
    }
    assert ours <= names
    assert any(name.startswith("desk/adapters/ledger/migrations/versions/v0001") for name in names)
