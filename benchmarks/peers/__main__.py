"""Measures the backtest beside its peers and prints the table and the goals; exits 1 when a goal is missed."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.peers.environments import default_cache, set_up
from benchmarks.peers.goals import judge
from benchmarks.peers.measuring import measure, our_jobs, prepare
from benchmarks.peers.results import FLOOR, OURS, Results
from benchmarks.peers.shared import Job, Peers, open_peers
from benchmarks.peers.table import CASES, rows_of
from console.showing import print_json, print_line, print_rows
from desk.errors import ConfigError

USUAL = (FLOOR, "vectorbt", "freqtrade", "backtesting")
# Minutes to an hour each: only where their case is asked for by name.
_SLOW = {("freqtrade", "b"), ("freqtrade", "c"), ("freqtrade", "sweep"), ("backtesting", "c"), ("backtesting", "sweep")}


def main(words: Sequence[str]) -> int:
    """Set up what is missing, measure, print; 0 where every goal that was measured is reached."""
    told = arguments().parse_args(words)
    try:
        peers = open_peers(told.peers, told.cache)
    except ConfigError as error:
        print_line(str(error))
        return 2
    jobs = chosen(peers, told)
    environments = sorted({job.environment for job in jobs if job.environment} | {FLOOR})
    broken = set_up(told.cache, peers.requirements, environments)
    jobs = [job for job in jobs if job.environment not in broken]
    prepare(peers, told.cache, jobs)
    results = measure(jobs, peers, told.cache, rounds=told.rounds)
    return _show(results, as_json=told.json)


def arguments() -> argparse.ArgumentParser:
    """Return what can be said on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--peers", metavar="DIR", help="folder of the peers' scripts; otherwise DESK_PEERS")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="environments, data and results")
    of = f"of {', '.join(USUAL)}, {OURS} and others of the folder; also PEER:VARIANT"
    parser.add_argument("--only", nargs="+", metavar="PEER", default=[], help=of)
    parser.add_argument("--all", action="store_true", help="every peer the folder knows, slow ones too: hours")
    parser.add_argument("--cases", nargs="+", choices=tuple(CASES), default=["a", "b", "c", "sweep"])
    parser.add_argument("--rounds", type=int, default=3, help="processes of each job; figures are medians")
    parser.add_argument("--json", action="store_true")
    return parser


def chosen(peers: Peers, told: argparse.Namespace) -> list[Job]:
    """Return the jobs that are wanted, ours right after the floor's: what is compared runs close together."""
    jobs = sorted((*peers.jobs, *our_jobs()), key=lambda job: (job.case, job.peer not in {FLOOR, OURS}))
    names = set(told.only) or ({job.peer for job in jobs} if told.all else {*USUAL, OURS})
    is_slow_wanted = told.all or told.only
    return [
        job
        for job in jobs
        if {job.peer, f"{job.peer}:{job.variant}"} & names
        and job.case in told.cases
        and (is_slow_wanted or (job.peer, job.case) not in _SLOW)
    ]


def _show(results: Results, *, as_json: bool) -> int:
    figures = list(judge(results))
    cases = {case: rows for case in CASES if (rows := list(rows_of(results, case)))}
    if as_json:
        print_json({"cases": cases, "goals": [asdict(figure) for figure in figures]})
    else:
        for case, rows in cases.items():
            print_rows(rows, as_json=False, title=f"case {case}: {CASES[case]}")
        print_rows([_row(figure) for figure in figures], as_json=False, title="goals")
    missed = [figure.what for figure in figures if figure.good is False]
    return 1 if missed else 0


def _row(figure: Figure) -> dict[str, object]:
    return {
        "goal": figure.what,
        "limit": figure.goal,
        "measured": figure.measured,
        "": figure.compared_with,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
