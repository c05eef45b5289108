"""What was typed to the bot: the command, what it is about, and the rest."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.naming import accounts_for, unknown
from desk.accounts import Fleet
from desk.model.scopes import ALL


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
    """Return the accounts that a name stands for: an account, those of a group, those at a venue, or all.

    Raises:
        NotUnderstood: nothing has that name; the message gives the nearest.
    """
    return accounts_for(fleet, about or ALL)


def nearest_command(command: str, known: Iterable[str]) -> str:
    """Return what to say to a command that there is not."""
    return f"{unknown('a command', f'/{command}', [f'/{name}' for name in known])}. /help lists them all."
