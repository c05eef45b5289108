"""What was typed to the bot: the command, what it is about, and the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.naming import unknown
from desk.accounts import Fleet
from desk.model.scopes import FLEET

ALL = "all"


@dataclass(frozen=True, slots=True)
class Words:
    """A command as it was typed.

    Attributes:
        command: without its slash, in small letters.
        about: the name after the `@`; `all` where that was typed, and empty where nothing was.
        rest: the words after it, with one blank between two.
    """

    command: str
    about: str = ""
    rest: str = ""


def parse_words(text: str) -> Words:
    """Return what was typed; in a group a command has the bot's own name behind it, which is left out."""
    first, *others = text.split() or [""]
    command = first.removeprefix("/").partition("@")[0].lower()
    if others and (others[0].startswith("@") or others[0] == ALL):
        return Words(command, others[0].removeprefix("@"), " ".join(others[1:]))
    return Words(command, "", " ".join(others))


def names_of(fleet: Fleet, about: str) -> tuple[str, ...]:
    """Return the accounts that a name stands for: an account, those at a venue, or all.

    Raises:
        NotUnderstood: nothing has that name; the message gives the nearest.
    """
    if about in ("", ALL):
        return tuple(fleet.accounts)
    if about in fleet.accounts:
        return (about,)
    at_venue = _by_venue(fleet)
    if about not in at_venue:
        raise unknown("an account, a venue or all", about, [*fleet.accounts, *at_venue, ALL])
    return tuple(at_venue[about])


def scope_of(fleet: Fleet, about: str) -> str:
    """Return the scope of a trading state that a name stands for, as it is written.

    Raises:
        NotUnderstood: nothing has that name; the message gives the nearest.
    """
    names_of(fleet, about)
    if about in ("", ALL):
        return FLEET
    return f"account:{about}" if about in fleet.accounts else f"venue:{about}"


def _by_venue(fleet: Fleet) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for account in fleet.accounts.values():
        found.setdefault(str(account.venue), []).append(account.name)
    return found


def nearest_command(command: str, known: Iterable[str]) -> str:
    """Return what to say to a command that there is not."""
    return f"{unknown('a command', f'/{command}', [f'/{name}' for name in known])}. /help lists them all."
