"""Arms and disarms accounts, after checks and a word typed by a person; says which accounts are armed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

import typer
from rich.text import Text

from console.failures import FAILED, NotUnderstood
from console.halting import os_user
from console.ledgers import ask, configured_fleet
from console.services.arming import ArmFacts, disarm, list_arms
from console.services.opening import OpenDesk
from console.showing import print_json, print_line, print_rows, print_table
from console.times import format_minute
from desk.accounts import load_fleet
from desk.accounts.arming import EXEMPT, REAL_MONEY
from desk.adapters.halting import printable
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.model.arming import Arm, ArmCheck, CheckResult
from desk.model.reasons import Reason

if TYPE_CHECKING:  # Prefect comes with it
    from blocks.arming import Candidate

T = TypeVar("T")
_STYLES = {CheckResult.PASS: "green", CheckResult.FAIL: "bold red", CheckResult.NOT_TOLD: "yellow"}


def run_arm(name: str, *, confirm: str | None, who: str | None, as_json: bool) -> int:
    """Check everything, have it confirmed, and arm the account; return 1 where that did not come about.

    Args:
        name: of the account.
        confirm: what a person would type; None asks for it.
        who: for the audit; by default the user of the operating system.

    Raises:
        ConfigError: there is no such account, it is not live, or a key is missing.
        NotUnderstood: there is nobody to confirm it.
    """
    if as_json and confirm is None:
        raise NotUnderstood("--json: expected --confirm with it, for a program cannot be asked; nothing was changed")
    ask(Ledger.arms)  # a ledger that cannot be used is told before a venue is asked
    candidate, person = _with_resources(lambda: _find(name)), printable(who or os_user())
    if not as_json:
        _print_candidate(candidate)
    if candidate.failed:
        ask(lambda ledger: ledger.refuse_arm(name, who=person, failed=candidate.failed))
        return _end(candidate, None, f"{name} is not armed: {len(candidate.failed)} checks failed.", as_json=as_json)
    expected = confirmation(candidate.spec.name, candidate.environment)
    if (confirm if confirm is not None else _typed(expected)) != expected:
        return _end(candidate, None, f"expected '{expected}', found another text; nothing was stored.", as_json=as_json)
    given = _with_resources(lambda: _store(candidate, person))
    return _end(candidate, given, _told(given), as_json=as_json)


def run_disarm(name: str, *, why: str, who: str | None, as_json: bool) -> int:
    """Let an account open nothing; one that is configured no more is disarmed as well.

    Raises:
        NotUnderstood: there is neither an arm nor an account of that name; the message gives the nearest.
    """
    person = who or os_user()
    done = ask(lambda ledger: disarm(ledger, name, who=person, why=why, fleet=configured_fleet))
    if as_json:
        print_json(done)
    else:
        print_line(f"{name}: disarmed" if done.was_armed else f"{name}: it was not armed")
    return 0


def show_arms(*, as_json: bool) -> int:
    """Print every live account and every arm."""
    chosen, fleet = settings(), load_fleet(settings().config)
    facts = ask(lambda ledger: list_arms(OpenDesk(fleet, ledger), allows_live=chosen.allows_live))
    if as_json:
        print_json(facts)
    else:
        print_rows([_row(one) for one in facts], as_json=False, empty="no account is live, and none is armed")
    return 0


def find_unarmed() -> dict[str, str]:
    """Return the accounts that open nothing because they are not armed, and why."""
    in_force = ask(Ledger.restrictions_in_force)
    return {one.scope.account: one.why for one in in_force if one.reason is Reason.NOT_ARMED}


def confirmation(name: str, environment: str) -> str:
    """Return what a person must type: the account's name, and where it is real money that it is."""
    return f"{name} real money" if environment == REAL_MONEY else name


def _with_resources(work: Callable[[], Awaitable[T]]) -> T:
    async def done() -> T:
        # Imported late: Prefect comes with it, and words that are wrong need none.
        from blocks.resources import close_resources

        try:
            return await work()
        finally:
            await close_resources()

    return asyncio.run(done())


async def _find(name: str) -> "Candidate":
    from blocks.arming import find_candidate

    return await find_candidate(name)


async def _store(candidate: "Candidate", who: str) -> Arm:
    from blocks.arming import arm

    return await arm(candidate, who=who)


def _typed(expected: str) -> str:
    asked = f"Type `{expected}` to arm it; anything else leaves it as it is"
    answer: str = typer.prompt(asked, default="", show_default=False)
    return answer


def _told(given: Arm) -> str:
    told = f"{given.account}: armed for configuration {given.config_version}; another configuration disarms it."
    if given.environment == EXEMPT:
        return f"{told} That was a rehearsal: at a simulator an account needs no arm."
    return f"{told} What is halted stays halted (`desk states`)."


def _end(candidate: "Candidate", given: Arm | None, told: str, *, as_json: bool) -> int:
    if as_json:
        print_json(_candidate_facts(candidate, given))
    else:
        print_line(told)
    return FAILED if given is None else 0


def _print_candidate(candidate: "Candidate") -> None:
    spec, money = candidate.spec, candidate.money
    print_line(f"{spec.name}: {spec.venue}, environment {candidate.environment}, policy {spec.policy}")
    print_line(f"  account at the venue: {candidate.venue_account or 'not told by the venue'}")
    print_line(f"  equity there: {f'{money.equity:,.2f} {money.currency}' if money else 'not known'}")
    print_line(f"  configuration: {spec.config_version}")
    print_line()
    print_table([_check_row(check) for check in candidate.checks])
    print_line()
    for check in candidate.failed:
        print_line(f"{check.name}: {check.advice}")


def _check_row(check: ArmCheck) -> dict[str, object]:
    return {
        "check": check.name,
        "result": Text(check.result.upper(), style=_STYLES[check.result]),
        "expected": check.expected,
        "found": check.found,
    }


def _candidate_facts(candidate: "Candidate", given: Arm | None) -> dict[str, object]:
    money = candidate.money
    return {
        "account": candidate.spec.name,
        "venue": candidate.spec.venue,
        "environment": candidate.environment,
        "venue_account": candidate.venue_account,
        "equity": money.equity if money else None,
        "currency": money.currency if money else None,
        "configuration": candidate.spec.config_version,
        "checks": [asdict(check) for check in candidate.checks],
        "armed": given is not None,
        "who": given.who if given else None,
        "at": given.at if given else None,
    }


def _row(facts: ArmFacts) -> dict[str, object]:
    since, needed = facts.since, facts.needs_arming
    style = "" if not needed else "green" if facts.may_open else "bold red"
    exempt = "a simulator needs no arm" if facts.environment == EXEMPT else "not live as it is configured now"
    return {
        "account": facts.account,
        "environment": facts.environment,
        "state": Text("armed" if since else "not armed", style=style),
        "since": format_minute(since) if since else "",
        "by": facts.who or "",
        "note": facts.why_not or ("" if needed else exempt),
    }
