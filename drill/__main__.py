"""Drills a fleet that trades almost every minute: `python -m drill --cycles 10000`, as `make drill` does."""

import argparse
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace

from desk.adapters.configuration import read_fleet
from drill.running import OWN_FLEET, faults_named, jobs, run
from drill.scorecard import is_passed, lines, tell
from drill.seats import DIALECTS, seat


def main(words: Sequence[str]) -> int:
    """Run and print; return 1 where something is not as it must be."""
    asked = _parser().parse_args(words)
    seed = asked.seed or secrets.token_hex(4)
    seated = seat(read_fleet(OWN_FLEET), dialects=asked.venue or DIALECTS)
    todo = jobs(seated.seats, cycles=asked.cycles, seed=seed, faults=faults_named(asked.faults))
    todo = tuple(replace(job, looks_up=not asked.without_lookup, database=asked.database) for job in todo)
    cards = run(todo, at_once=asked.at_once, tell=tell)
    sys.stdout.writelines(f"{line}\n" for line in lines(cards, seed=seed))
    return 0 if is_passed(cards) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m drill", description=__doc__)
    parser.add_argument("--venue", action="append", choices=DIALECTS, help="one venue; may be said again")
    parser.add_argument("--cycles", type=int, default=200, help="of all accounts of a venue together")
    parser.add_argument("--seed", default="", help="the same seed draws the same faults; without it a new one")
    parser.add_argument("--faults", default="all", help="a list such as F03,F13; all; none")
    parser.add_argument("--database", default="", help="address of a ledger, postgresql://… too; SQLite files without")
    parser.add_argument("--at-once", type=int, default=2, help="processes")
    parser.add_argument(
        "--without-lookup", action="store_true", help="the negative control: never ask for an order, and see it fail"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
