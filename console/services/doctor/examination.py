"""Examines an installation from its settings alone: what is not there is a finding, and never an error."""

from collections.abc import AsyncIterator

from console.services.doctor.findings import Finding, Verdict
from console.services.doctor.machine import disk, permissions, versions
from console.services.health.accounts import accounts_health
from console.services.health.components import Component, Health
from console.services.health.prefect import prefect_health
from console.services.in_force import InForce, find_in_force
from console.services.opening import OpenDesk, open_ledger
from console.services.standings import fleet_standing
from console.services.telling import first_words
from console.services.venues import examine
from desk.accounts import Fleet
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings, env_file
from desk.adapters.venues.examining import Answer, Result
from desk.errors import ConfigError, DeskError, LedgerError

_VERDICTS = {
    Health.OK: Verdict.OK,
    Health.NOT_THERE: Verdict.SKIPPED,
    Health.UNKNOWN: Verdict.SKIPPED,
    Health.WARNING: Verdict.WARNING,
    # Nothing is lost while nobody scans, so that a desk that is not up yet is no failure.
    Health.FAILING: Verdict.WARNING,
}


async def examine_installation(chosen: Settings, api: str) -> AsyncIterator[Finding]:
    """Look at everything, one thing after the other; venues are asked, and nothing is changed there.

    Args:
        chosen: the installation.
        api: where Prefect is asked.
    """
    yield disk(chosen.home)
    yield permissions(chosen.home, env_file())
    for finding in versions():
        yield finding
    found, in_force = _configuration(chosen)
    yield found
    for finding in await _ledger(chosen, in_force):
        yield finding
    for component in await prefect_health(api):
        yield _of_component(component)
    yield _notifier(chosen)
    if in_force is not None:
        async for finding in _venues(in_force.fleet):
            yield finding


def _configuration(chosen: Settings) -> tuple[Finding, InForce | None]:
    what, advice = "configuration", "`desk config check` shows every problem with its line"
    try:
        found = find_in_force(chosen)
    except ConfigError as error:
        return Finding(what, Verdict.FAILURE, first_words(str(error)), advice), None
    if found.problem:
        return Finding(what, Verdict.FAILURE, first_words(found.problem), advice), found
    accounts = found.fleet.accounts.values()
    told = f"{len(accounts)} accounts, {sum(one.active for one in accounts)} of them active"
    return Finding(what, Verdict.OK, told), found


async def _ledger(chosen: Settings, in_force: InForce | None) -> list[Finding]:
    def known() -> InForce:
        if in_force is None:
            raise ConfigError("the configuration cannot be used")
        return in_force

    try:
        async with open_ledger(chosen, known) as ledger:
            told = Finding("ledger", Verdict.OK, f"{ledger.database.name} has the schema of this release")
            return [told, *([await _accounts(in_force.fleet, ledger)] if in_force else [])]
    except LedgerError as error:
        found, _, advice = str(error).partition("; ")
        return [Finding("ledger", Verdict.FAILURE, found, advice)]


async def _accounts(fleet: Fleet, ledger: Ledger) -> Finding:
    found = accounts_health(await fleet_standing(OpenDesk(fleet, ledger)), SystemClock().now())
    advice = "" if not found.health.severity else "`desk status` says which, `desk why ACCOUNT` says why"
    return Finding("accounts", _VERDICTS[found.health], found.message, advice)


def _of_component(component: Component) -> Finding:
    found, _, advice = component.message.partition("; ")
    return Finding(component.name.replace("_", " "), _VERDICTS[component.health], found, advice)


def _notifier(chosen: Settings) -> Finding:
    if not chosen.notify_urls:
        return Finding("notifier", Verdict.WARNING, "messages go to the log only", "set DESK_NOTIFY_URLS in .env")
    # Apprise loads some hundred services when it is imported.
    from desk.adapters.notify.apprise import AppriseNotifier

    try:
        AppriseNotifier(chosen.notify_urls)
    except ConfigError as error:
        return Finding("notifier", Verdict.FAILURE, str(error), "docs/how-to/get-notified.md has examples")
    return Finding("notifier", Verdict.OK, f"{len(chosen.notify_urls)} addresses are understood; nothing was sent")


async def _venues(fleet: Fleet) -> AsyncIterator[Finding]:
    if not fleet.connections:
        yield Finding("venues", Verdict.SKIPPED, "no connection is configured: accounts trade on paper")
    for name in fleet.connections:
        try:
            answers = await examine(fleet, name)
        except DeskError as error:
            yield Finding(name, Verdict.FAILURE, str(error), "docs/how-to/connect-a-venue.md says what it needs")
            continue
        for answer in answers:
            yield _of_answer(name, answer)


def _of_answer(connection: str, answer: Answer) -> Finding:
    what = f"{connection}: {answer.question}"
    if answer.result is Result.FAILED:
        return Finding(what, Verdict.FAILURE, answer.detail, "docs/how-to/connect-a-venue.md says what it needs")
    return Finding(what, Verdict.SKIPPED if answer.result is Result.SKIPPED else Verdict.OK, answer.detail)
