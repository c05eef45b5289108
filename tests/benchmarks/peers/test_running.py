"""Each job is a process of its own, with bytecode and without our modules, and a failure is a result."""

import sys
from pathlib import Path

import pytest

from benchmarks.peers import running
from benchmarks.peers.environments import set_up
from benchmarks.peers.running import run
from benchmarks.peers.shared import Job

REPORT = """\
import json, os, sys
seen = {name: os.environ.get(name) for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "BENCH_DATA")}
print("a warning of a library")
print("BENCH " + json.dumps({"variant": "numba", "bars": 7, "words": sys.argv[1:], "seen": seen}))
"""


@pytest.fixture
def cache(tmp_path):
    python = tmp_path / "venvs" / "floor" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return tmp_path


def job(cache, text, **changed):
    script = cache / "script.py"
    script.write_text(text)
    told = {"environment": "floor", "case": "a", "variant": "", "repetitions": 3, **changed}
    return Job(peer="floor", script=script, **told)


def test_a_run_has_what_the_script_told_and_what_its_process_cost(cache):
    made = run(job(cache, REPORT), cache, cache)
    assert (made.variant, made.number("bars"), made.error) == ("numba", 7, "")
    assert made.told["words"] == ["--case", "a", "--variant", "", "--reps", "3"]
    assert 0 < made.cpu < 10
    assert 1 < made.memory < 100


def test_the_memory_of_a_process_is_its_own_however_much_the_one_that_asked_has(cache):
    asking = bytearray(600 << 20)
    for page in range(0, len(asking), 4096):
        asking[page] = 1
    assert 1 < run(job(cache, REPORT), cache, cache).memory < 100


def test_a_peer_may_write_bytecode_and_cannot_see_our_modules(cache, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    seen = run(job(cache, REPORT), cache, cache).told["seen"]
    assert seen == {"PYTHONDONTWRITEBYTECODE": None, "PYTHONPATH": None, "BENCH_DATA": str(cache / "data")}


def test_ours_sees_the_project_and_the_helpers_of_the_folder(cache):
    seen = run(job(cache, REPORT, environment=None), cache, Path("/peers")).told["seen"]
    assert seen["PYTHONPATH"] == f"{Path(__file__).parents[3]}:/peers"


@pytest.mark.parametrize(
    ("text", "timeout", "words"),
    [
        ("raise SystemExit('no such engine')", 60.0, "ended with 1: no such engine"),
        ("print('done')", 60.0, "ended with 0: done"),
        ("import time; time.sleep(60)", 0.03, "ended with -9"),
    ],
)
def test_a_process_that_fails_says_nothing_or_takes_too_long_is_a_run_with_an_error(cache, text, timeout, words):
    made = run(job(cache, text, timeout=timeout), cache, cache)
    assert words in made.error
    assert made.number("bars") is None


def test_a_process_may_use_so_much_cpu_time_however_slow_the_machine_is(cache, monkeypatch):
    monkeypatch.setattr(running, "_PATIENCE", 1_000)
    assert "ended with -24" in run(job(cache, "while True: pass", timeout=0.5), cache, cache).error


def test_an_environment_is_made_once(cache):
    (cache / "venvs" / "floor" / ".installed").write_text("numpy\nnumba")
    assert set_up(cache, {"floor": ("numpy", "numba")}, ["floor"]) == []


def test_a_peer_that_cannot_be_installed_is_left_out_and_the_log_says_why(cache, monkeypatch, capsys):
    refusing = cache / "refusing"
    refusing.write_text("#!/bin/sh\necho no room\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(refusing))
    assert set_up(cache, {"floor": ("numpy",)}, ["floor"]) == ["floor"]
    assert "floor could not be installed" in capsys.readouterr().out
    assert (cache / "venvs" / "floor.log").read_text() == "no room\n"
