"""What is wrong with a configuration file: where, what was expected, what was found, and the nearest valid name."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from desk.errors import ConfigError

_LISTED_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct.

    Attributes:
        file: as the operator named it.
        line, column: from 1; 0 where the problem is the whole file or line.
        key: the path of the key, `accounts.oanda-gold.strategies[0].name`; empty where there is none.
    """

    file: str
    line: int
    key: str
    message: str
    column: int = 0

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return ": ".join(part for part in (place, self.key, self.message) if part)


def raise_problems(problems: Iterable[Problem]) -> None:
    """Raise one error with a line for every problem, in the order of the files; do nothing where there is none.

    Raises:
        ConfigError: there is at least one problem.
    """
    lines = list(dict.fromkeys(str(problem) for problem in sorted(problems, key=_position)))
    if lines:
        raise ConfigError("\n".join(lines))


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or the known names where none is near, or nothing where they are too many."""
    names = sorted(known)
    near = _nearest(name, names)
    if near is not None:
        return f"; did you mean '{near}'?"
    if not names:
        return "; there is none yet"
    return f"; known are {', '.join(names)}" if len(names) <= _LISTED_AT_MOST else ""


def _nearest(name: str, names: list[str]) -> str | None:
    folded = {known.casefold(): known for known in names}
    close = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _position(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column
