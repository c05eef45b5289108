"""The folder of the peers is told and lies outside the project; what it lists is what is measured."""

import os

import pytest

from benchmarks.peers.shared import VARIABLE, open_peers
from desk.errors import ConfigError

SETUP = """\
declare -A SPEC=(
  [quick]="quick numpy"
  [jesse]="jesse"
)
"""
RUN = """\
J = [dict(peer="quick", venv="quick", script="quick.py", case="a", variant="", reps=3, rounds=2, timeout=9)]
if __name__ == "__main__":
    raise SystemExit("must not run")
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "peers"
    (made / "peers" / "__pycache__").mkdir(parents=True)
    (made / "peers" / "__pycache__" / "floor.pyc").write_text("")
    for name, text in {"benchlib.py": "", "run.py": RUN, "setup_venvs.sh": SETUP, "peers/floor.py": ""}.items():
        (made / name).write_text(text)
    os.utime(made / "benchlib.py", (1_000_000_000, 1_000_000_000))
    return made


def test_without_a_folder_the_error_says_how_to_tell_one(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="not part of the project: give it with --peers DIR or in DESK_PEERS"):
        open_peers(None, tmp_path)


def test_a_folder_without_the_scripts_is_refused_with_what_is_missing(folder, tmp_path):
    (folder / "benchlib.py").unlink()
    with pytest.raises(ConfigError, match=r"found no benchlib\.py\. Give"):
        open_peers(str(folder), tmp_path)


def test_requirements_and_jobs_are_those_that_the_folder_lists(folder, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(folder))
    peers = open_peers(None, tmp_path / "cache")
    assert peers.requirements == {"quick": ("quick", "numpy", "pandas", "pyarrow"), "jesse": ("jesse", "pandas")}
    [job] = peers.jobs
    assert (job.peer, job.case, job.repetitions, job.rounds, job.timeout) == ("quick", "a", 3, 2, 9)
    assert job.script == tmp_path / "cache" / "scripts" / "peers" / "quick.py"


def test_scripts_run_from_a_copy_that_keeps_their_times(folder, tmp_path):
    before = sorted(path for path in folder.rglob("*"))
    for _ in range(2):
        copy = open_peers(str(folder), tmp_path / "cache").folder
    assert sorted(path for path in folder.rglob("*")) == before
    assert (copy / "benchlib.py").stat().st_mtime == 1_000_000_000
    assert not (copy / "peers" / "__pycache__").exists()
