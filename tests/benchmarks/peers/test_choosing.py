"""What is measured when nothing is said, and how to say it."""

from pathlib import Path

import pytest

from benchmarks.peers.__main__ import arguments, chosen, main
from benchmarks.peers.shared import VARIABLE, Job, Peers


def job(peer, case, variant=""):
    return Job(peer, peer, Path(f"{peer}.py"), case, variant, 1)


PEERS = Peers(
    Path("/peers"),
    {},
    (
        job("freqtrade", "a", "static"),
        job("freqtrade", "b", "static"),
        job("floor", "a"),
        job("floor", "a", "npjump"),
        job("floor", "s"),
        job("nautilus", "a"),
    ),
)


def names(*words):
    jobs = chosen(PEERS, arguments().parse_args(words))
    return [(job.peer, job.case, job.variant) for job in jobs if job.peer != "scandesk"]


def test_without_a_word_it_is_the_usual_peers_without_what_takes_minutes():
    assert names() == [("floor", "a", ""), ("floor", "a", "npjump"), ("freqtrade", "a", "static")]


def test_ours_run_right_after_the_floor_and_before_the_others():
    jobs = chosen(PEERS, arguments().parse_args(["--cases", "a"]))
    peers = [job.peer for job in jobs]
    assert peers[:2] == ["floor", "floor"]
    assert set(peers[2:-1]) == {"scandesk"}
    assert peers[-1] == "freqtrade"


def test_all_are_all_in_every_case_that_is_asked_for():
    assert len(names("--all", "--cases", "a", "b", "s")) == len(PEERS.jobs)


def test_a_peer_that_is_named_runs_what_takes_minutes_too_and_a_variant_alone_where_one_is_named():
    assert names("--only", "freqtrade") == [("freqtrade", "a", "static"), ("freqtrade", "b", "static")]
    assert names("--only", "floor:npjump") == [("floor", "a", "npjump")]
    assert names("--only", "floor:") == [("floor", "a", "")]


def test_without_the_folder_it_says_how_to_tell_it(monkeypatch, capsys):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main([]) == 2
    assert "--peers DIR" in capsys.readouterr().out


def test_a_case_that_there_is_not_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--cases", "z"])
    assert "invalid choice: 'z'" in capsys.readouterr().err
