import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deployments.settings import SETTINGS, prefect_environment
from tests.prefect_server import PROJECT, process_environment

DUMP = """
import json, os
from prefect.settings import get_current_settings
settings = get_current_settings().to_environment_variables(exclude_unset=True)
print(json.dumps({name: settings.get(name) for name in json.loads(os.environ["NAMES"])}))
"""
OWN = ("PREFECT_HOME", "PREFECT_PROFILES_PATH", "PREFECT_API_URL", "PREFECT_RESULTS_LOCAL_STORAGE_PATH")


def settings_seen(directory: Path, **environment: str) -> dict[str, str]:
    """Return the settings that Prefect takes for explicitly set in a new process."""
    names = json.dumps([*SETTINGS, *OWN])
    answer = subprocess.run(
        [sys.executable, "-c", DUMP],
        cwd=directory,
        env={**process_environment(), "NAMES": names, **environment},
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(answer.stdout)


def test_prefect_toml_and_the_environment_of_our_processes_say_the_same(tmp_path):
    from_file = settings_seen(PROJECT)
    ours = prefect_environment({}, home=tmp_path, url="http://127.0.0.1:4200/api")
    from_environment = settings_seen(tmp_path, **ours)

    assert {name: from_file[name] for name in SETTINGS} == {name: from_environment[name] for name in SETTINGS}
    assert None not in from_file.values()
    assert from_file["PREFECT_HOME"] == "var/prefect"
    assert from_file["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"


def test_settings_of_the_user_do_not_reach_our_processes(tmp_path):
    base = {"PREFECT_API_KEY": "pnu_secret", "PREFECT_PROFILE": "cloud", "PATH": "/bin"}

    ours = prefect_environment(base, home=tmp_path, url="http://127.0.0.1:1/api")

    assert "PREFECT_API_KEY" not in ours
    assert "PREFECT_PROFILE" not in ours
    assert ours["PATH"] == "/bin"


@pytest.mark.parametrize(
    ("package", "first_bad", "why"),
    [
        ("fastapi", "0.151", "Prefect 3.8.8 allows no later one, and its server dies at start on 0.155"),
        ("sqlalchemy", "2.1.0", "Prefect 3.8.8's scheduler silently creates no runs on 2.1"),
    ],
)
def test_the_versions_that_break_prefect_are_kept_out(package, first_bad, why):
    import tomllib
    from importlib.metadata import version

    lines = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    [pin] = [pin for pin in map(Requirement, lines) if pin.name == package]

    assert not pin.specifier.contains(first_bad), why
    assert pin.specifier.contains(version(package)), f"installed is {version(package)}, {why}"
