"""Attacks the operator's own accounts at local simulators, and says what the attack found."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from console.failures import FAILED
from console.showing import print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings
from desk.errors import ConfigError
from drill.running import faults_named, jobs, run
from drill.scorecard import Card, coverage, is_passed, lines, tell, violations
from drill.seats import Seating, seat


def run_drill(
    accounts: Sequence[str],
    *,
    venues: Sequence[str],
    cycles: int,
    seed: str | None,
    faults: str,
    database: str,
    at_once: int,
    as_json: bool,
) -> int:
    """Drill accounts and print the scorecard; return 1 where something is not as it must be.

    Raises:
        ConfigError: there is no such account, venue or fault, or nothing that could be drilled.
    """
    fleet = read_fleet(settings().config)
    names = [name for word in accounts for name in fleet.groups.get(word, (word,))]
    seating = seat(fleet, tuple(dict.fromkeys(names)), venues)
    if not seating.seats:
        raise ConfigError(f"expected an account that can be drilled, found none; {_left_out(seating)}")
    chosen = seed or secrets.token_hex(4)
    todo = jobs(seating.seats, cycles=cycles, seed=chosen, faults=faults_named(faults))
    cards = run([replace(job, database=database) for job in todo], at_once=at_once, tell=tell)
    if as_json:
        print_json(_facts(cards, chosen, seating))
    else:
        for line in lines(cards, seed=chosen):
            print_line(line)
        for name, why in seating.left_out.items():
            print_line(f"left out: {name}, {why}")
    return 0 if is_passed(cards) else FAILED


def _left_out(seating: Seating) -> str:
    told = (f"{name}: {why}" for name, why in seating.left_out.items())
    return "; ".join(told) or "no account is of these venues"


def _facts(cards: Sequence[Card], seed: str, seating: Seating) -> dict[str, object]:
    return {
        "seed": seed,
        "venues": [_venue(card) for card in cards],
        "faults": [
            {
                "number": one.fault.number,
                "fault": one.fault.what,
                "hits": one.steps.total(),
                "steps": dict(one.steps),
                "told": one.told,
            }
            for one in coverage(cards)
        ],
        "violations": [{"what": one.wrong, "where": one.subject, "detail": one.detail} for one in violations(cards)],
        "left_out": dict(seating.left_out),
    }


def _venue(card: Card) -> dict[str, object]:
    seconds = round(card.total.seconds, 1)
    return {**card.row(), "accounts": card.accounts, "cycles_asked": card.asked, "seconds": seconds}
