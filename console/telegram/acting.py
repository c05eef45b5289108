"""Deeds: what changes what may be traded. What lets less be traded is done at once, the rest after a second look."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from console.failures import NotUnderstood
from console.naming import scopes_of
from console.services.closing import close_apart
from console.services.states import StateOrder, StateRefused, accounts_of, put_each
from console.telegram.looking import Asked
from console.telegram.texts import bold, plain
from desk.accounts import Fleet
from desk.model.access import Rights
from desk.model.books import TradingState
from desk.model.scopes import ALL, FLEET, Scope

_LONGEST_REASON = 300
_WHY = "closed by the bot"
Do = Callable[[], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to do.

    Attributes:
        question: what is asked before; empty where it is done at once.
        do: does it, and returns what to say, line by line.
    """

    question: str
    do: Do


@dataclass(frozen=True, slots=True)
class Command:
    """A command that does something; `prepare` takes the question and who asks it, `meaning` is for the help."""

    meaning: str
    needed: Rights
    prepare: Callable[[Asked, str], Deed]


def pause(asked: Asked, who: str) -> Deed:
    """Open nothing more; what reduces a position goes on."""
    return Deed("", lambda: _put(asked, TradingState.REDUCE_ONLY, who))


def halt(asked: Asked, who: str) -> Deed:
    """Open nothing more, at once; what cancels or closes goes on."""
    return Deed("", lambda: _put(asked, TradingState.HALTED, who))


def resume(asked: Asked, who: str) -> Deed:
    """Trade as before."""
    named = _named(scopes_of(asked.desk.fleet, asked.words.about or ALL))
    return Deed(f"Resume {named}? Positions may be opened again.", lambda: _put(asked, TradingState.ACTIVE, who))


def forceexit(asked: Asked, who: str) -> Deed:
    """Reduce a scope, and close everything that it has.

    Raises:
        NotUnderstood: it is not said of what.
    """
    if not asked.words.about:
        raise NotUnderstood("expected what to close, such as /forceexit @ACCOUNT, /forceexit @ACCOUNT EUR/USD or all")
    instrument = asked.words.rest.upper()
    scopes = [_part_of(scope, instrument) for scope in scopes_of(asked.desk.fleet, asked.words.about or ALL)]
    question = f"Close everything of {_named(scopes)} at the venue? It opens nothing more until /resume."
    return Deed(question, lambda: _close(asked, scopes, who))


def reload_files(asked: Asked, who: str) -> Deed:
    """Say whether the files can be used, and that scans go by them."""
    return Deed("Go by the files of the configuration as they are now?", lambda: _reloaded(asked, who))


DEEDS: Mapping[str, Command] = {
    "pause": Command("open nothing more, reduce only; words behind it are kept as the reason", Rights.TRADE, pause),
    "resume": Command("trade again; asks first", Rights.TRADE, resume),
    "halt": Command("let no order leave that opens anything, at once", Rights.TRADE, halt),
    "forceexit": Command(
        "close everything at the venue, or the instrument behind it; asks first", Rights.TRADE, forceexit
    ),
    "reload": Command("go by the files as they are now; asks first", Rights.ADMIN, reload_files),
}
"""What may be done, by its command."""


def _named(scopes: Sequence[str]) -> str:
    return ", ".join(map(bold, scopes))


def _part_of(scope: str, instrument: str) -> str:
    if not instrument:
        return scope
    return f"instrument:{instrument}" if scope == FLEET else f"{scope}/instrument:{instrument}"


async def _put(asked: Asked, state: TradingState, who: str) -> list[str]:
    fleet, lines = asked.desk.fleet, list[str]()
    scopes = scopes_of(fleet, asked.words.about or ALL)
    orders = [StateOrder(scope, state, who, asked.words.rest[:_LONGEST_REASON]) for scope in scopes]
    for ended in await put_each(asked.desk.ledger, orders, lambda: fleet):
        if isinstance(ended, StateRefused):
            lines += _refused(ended)
        else:
            lines += [f"{bold(ended.scope)} {plain(ended.state)}", *map(plain, ended.stricter)]
    return lines


async def _close(asked: Asked, scopes: Sequence[str], who: str) -> list[str]:
    fleet, lines, covered = asked.desk.fleet, list[str](), list[Scope]()
    orders = [StateOrder(scope, TradingState.REDUCE_ONLY, who, _WHY, flatten=True) for scope in scopes]
    for ended in await put_each(asked.desk.ledger, orders, lambda: fleet):
        if isinstance(ended, StateRefused):  # what a scan may open again is not closed
            lines += _refused(ended, ", and nothing of it closed")
        else:
            covered.append(Scope.parse(ended.scope))
    return [*lines, *(await _closed(fleet, covered, who) if covered else ())]


def _refused(ended: StateRefused, also: str = "") -> list[str]:
    found = ended.facts
    return [f"{bold(found.scope)} {plain(found.told)}{also}", *map(plain, found.cause.splitlines())]


async def _closed(fleet: Fleet, covered: Sequence[Scope], who: str) -> list[str]:
    names = [spec.name for one in covered for spec in accounts_of(fleet, one)]
    left = await close_apart(names, covered[0], who=who, why=_WHY)
    return [line for name in names for line in _outcome(name, left[name])]


def _outcome(name: str, left: Sequence[str]) -> list[str]:
    return [f"{bold(name)} {'NOT flat' if left else 'flat'}", *(plain(line) for line in left)]


async def _reloaded(asked: Asked, who: str) -> list[str]:
    found = asked.files.in_force()
    outcome = "cannot be used" if found.problem else "in force"
    await asked.desk.ledger.record_action(who, "configuration read", "fleet", {"outcome": outcome})
    if found.problem:
        return ["The files cannot be used; what was in force before stays so.", *map(plain, found.problem.splitlines())]
    return [f"In force, with {len(found.fleet.accounts)} accounts; the next scan of each goes by it."]
