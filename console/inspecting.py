"""Says how every account is: what became of its last cycle, what it owns, and what is wrong."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from rich.console import RenderableType
from rich.text import Text

from console.failures import CONFIGURATION, FAILED, report
from console.halting import end_of
from console.in_force import find_in_force
from console.ledgers import ask
from console.showing import first_words, print_blocks, print_json, print_table
from console.tables import grid
from console.times import format_age, format_near
from desk.accounts import AccountSpec, Fleet
from desk.adapters.feeds.presents import clock_of
from desk.adapters.ledger.facts import AccountSummary, CycleSummary
from desk.adapters.ledger.ledger import Ledger
from desk.errors import ConfigError
from desk.model.books import Restriction, most_severe
from desk.model.cycle import CycleState
from desk.model.scopes import Scope

_NOT_WELL = (CycleState.FAILED, CycleState.CRASHED, CycleState.NO_TRADE)
_STYLES = {CycleState.TRADED: "green", CycleState.RUNNING: "cyan"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account of the fleet stands.

    Attributes:
        age: since the last cycle's candle closed, by the account's own clock; None where it was never scanned.
        restriction: what it may do, by the order of a person or of a limit, or because it is not armed.
    """

    spec: AccountSpec
    summary: AccountSummary | None
    age: timedelta | None
    restriction: Restriction

    @property
    def cycle(self) -> CycleSummary | None:
        """The cycle of the newest candle, or None where the account was never scanned."""
        return self.summary.last_cycle if self.summary else None

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look: an account that is not scanned any more cannot get better by itself."""
        return not (self.spec.active and self.cycle and self.cycle.state in _NOT_WELL)

    @property
    def wrong(self) -> str:
        """What is wrong in a few words; empty where nothing is."""
        troubles = []
        if self.cycle and self.cycle.state in _NOT_WELL:
            troubles.append(f"{self.cycle.state}: {first_words(self.cycle.detail) or 'no reason was recorded'}")
        if self.restriction.refusal is not None:
            why = f": {first_words(self.restriction.why)}" if self.restriction.why else ""
            troubles.append(f"trading state is {self.restriction.state} until {end_of(self.restriction)}{why}")
        return "; ".join(troubles)


def show_status(*, as_json: bool) -> int:
    """Print a row per configured account; return 1 when the last cycle of an active one did not end well.

    Returns:
        3 where the configuration cannot be used; the rows are those of the last one that could be.
    """
    in_force = find_in_force()
    standings, strangers = ask(partial(_standings, in_force.fleet))
    if as_json:
        print_json([_facts(standing) for standing in standings])
    else:
        print_table([_row(standing) for standing in standings])
        print_blocks(_notes(standings, strangers))
    if in_force.problem:
        report(ConfigError(in_force.problem))
        sys.stderr.write("Scans go by the configuration before it; live accounts open nothing until it is mended.\n")
        return CONFIGURATION
    return 0 if all(standing.is_well for standing in standings) else FAILED


async def _standings(fleet: Fleet, ledger: Ledger) -> tuple[list[Standing], list[str]]:
    """Where each account stands, and the names in the ledger that are not in the fleet."""
    summaries = {summary.account: summary for summary in await ledger.summaries()}
    standings = []
    for name, spec in fleet.accounts.items():
        whole = Scope(venue=spec.venue, account=name)
        covering = [one for one in await ledger.restrictions(name, spec.venue) if one.scope.covers(whole)]
        # Of two that are as strict, the one without an end is told: until the other's end would not be true.
        found = most_severe(sorted(covering, key=lambda one: one.until is not None))
        standings.append(_standing(fleet, spec, summaries.get(name), found))
    return standings, sorted(summaries.keys() - fleet.accounts.keys())


def _standing(fleet: Fleet, spec: AccountSpec, summary: AccountSummary | None, found: Restriction) -> Standing:
    cycle = summary.last_cycle if summary else None
    now = clock_of(fleet.feed_of(spec.name)).now()
    return Standing(spec, summary, now - cycle.key.candle_close if cycle else None, found)


def _facts(standing: Standing) -> dict[str, object]:
    spec, summary, cycle = standing.spec, standing.summary, standing.cycle
    return {
        "account": spec.name,
        "mode": spec.mode,
        "active": spec.active,
        "state": cycle.state if cycle else None,
        "candle_close": cycle.key.candle_close if cycle else None,
        "age_seconds": standing.age,
        "currency": spec.currency,
        "equity": summary.equity if summary else None,
        "day_profit": summary.day_profit if summary else None,
        "open_positions": summary.open_positions if summary else 0,
        "trading_state": standing.restriction.state,
        "wrong": standing.wrong,
    }


def _row(standing: Standing) -> dict[str, object]:
    spec, summary = standing.spec, standing.summary
    equity = summary.equity if summary else None
    profit = summary.day_profit if summary else None
    style = "" if spec.active else "dim"
    return {
        "account": Text(spec.name, style=style),
        "mode": Text(spec.mode if spec.active else f"{spec.mode}, off", style=style),
        "last cycle": _last_cycle(standing),
        "equity": "" if equity is None else f"{equity:,.2f} {spec.currency}",
        "today": "" if profit is None else f"{profit:+,.2f}",
        "open": summary.open_positions if summary else "",
    }


def _last_cycle(standing: Standing) -> Text:
    cycle = standing.cycle
    if cycle is None or standing.age is None:
        return Text("never scanned", style="dim")
    style = "bold red" if cycle.state in _NOT_WELL else _STYLES.get(cycle.state, "")
    when = format_near(cycle.key.candle_close, standing.age)
    return Text.assemble((cycle.state.value, style), f" {when}, {format_age(standing.age)}")


def _notes(standings: Sequence[Standing], strangers: Sequence[str]) -> Iterator[RenderableType]:
    """What stands under the table."""
    yield ""
    wrong = [(Text(standing.spec.name, style="red"), standing.wrong) for standing in standings if standing.wrong]
    if wrong:
        yield grid(wrong)
        yield ""
    if strangers:
        yield f"Also in the ledger, and not configured any more: {', '.join(strangers)}."
    yield _in_total(standings)


def _in_total(standings: Sequence[Standing]) -> str:
    active = sum(standing.spec.active for standing in standings)
    if not any(standing.cycle for standing in standings):
        return f"{active} active accounts, none of them ever scanned; run `desk up` or `desk demo`."
    ill = sum(not standing.is_well for standing in standings)
    well = f"{ill} of them not well: ask `desk why ACCOUNT`" if ill else "all of them well"
    return f"{active} of {len(standings)} accounts are active, {well}. Times are UTC."
