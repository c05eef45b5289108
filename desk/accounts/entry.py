"""A value of a configuration file that remembers where it was written."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from desk.accounts.problems import Problem, suggestion
from desk.accounts.secrecy import SOMETHING_ELSE, may_be_secret

Scalar = str | int | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in a file.

    Attributes:
        value: a scalar, entries by key, or entries in order.
        path: of its key, from the top of the file.
        line: of its key, or of the value itself in a list; from 1.
        text: a scalar as it was written.
    """

    value: "Scalar | Mapping[str, Entry] | tuple[Entry, ...]"
    file: str
    path: str
    line: int
    text: str = ""

    def child(self, key: str | int) -> "Entry | None":
        """Return the entry under a key or at a place in the list, or None."""
        if isinstance(self.value, Mapping):
            return self.value.get(str(key))
        if isinstance(self.value, tuple) and isinstance(key, int) and 0 <= key < len(self.value):
            return self.value[key]
        return None

    @property
    def children(self) -> Mapping[str, "Entry"]:
        """The entries by key; empty where the value is not a mapping."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> tuple["Entry", ...]:
        """The entries of a list; empty where the value is not a list."""
        return self.value if isinstance(self.value, tuple) else ()

    def plain(self) -> object:
        """Return the value alone, as mappings, lists and scalars."""
        if isinstance(self.value, Mapping):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, tuple):
            return [entry.plain() for entry in self.value]
        return self.value

    @property
    def found(self) -> str:
        """The value as a message shows it, `something else` where it may be a secret."""
        if isinstance(self.value, Mapping):
            return "a mapping" if self.value else "an empty mapping"
        if isinstance(self.value, tuple):
            return "a list" if self.value else "an empty list"
        if self.value is None:
            return "nothing"
        if self.may_be_secret:
            return SOMETHING_ELSE
        return f"'{self.value}'" if isinstance(self.value, str) else self.text

    @property
    def may_be_secret(self) -> bool:
        """Whether it is a text that no message repeats."""
        return may_be_secret(self.path, self.text)

    def problem(self, message: str, *, below: str = "") -> Problem:
        """Return a problem at this entry, or at the key `below` it that should be there."""
        return Problem(self.file, self.line, f"{self.path}.{below}".strip(".") if below else self.path, message)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was read: the entry of its top level, if there is one, and what is wrong with it as YAML."""

    top: Entry | None
    problems: tuple[Problem, ...] = ()


def unknown(name: object, names: Collection[str], expected: str, entry: Entry) -> Iterator[Problem]:
    """Yield a problem where a text is none of the names; what is no text is told by the model."""
    if isinstance(name, str) and name not in names:
        found = SOMETHING_ELSE if may_be_secret(entry.path, name) else f"'{name}'"
        yield entry.problem(f"expected {expected}, found {found}{suggestion(name, names)}")
