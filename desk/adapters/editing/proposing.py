"""What the files of a configuration would be after changes: what is not sound is refused, and nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import permutations
from pathlib import Path

from desk.accounts import Fleet
from desk.accounts.editing.editing import Copy, Edit, Put, Remove, edited, require_written
from desk.accounts.editing.paths import KeyPath
from desk.accounts.editing.telling import told_value
from desk.accounts.files import NAMED
from desk.adapters.configuration import read_fleet
from desk.adapters.editing.reading import Files, read_files
from desk.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Told:
    """What is changed of one value, as the audit keeps it; never a secret.

    Attributes:
        subject: the path, or the name of the file where all of it is another.
        before, after: as it is written; empty where it is not.
    """

    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file and what it becomes; `before` is None where there is no such file yet."""

    file: str
    before: str | None
    after: str
    told: tuple[Told, ...]

    @property
    def difference(self) -> str:
        """The lines that differ, as `diff -u` prints them."""
        return difference(self.before or "", self.after, self.file, self.file)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes that may be carried out, one file after the other; the configuration is sound after each.

    Attributes:
        basis: the files that they are changes of.
        before: the fleet as it is, None where the configuration cannot be used now.
    """

    basis: Files
    changes: tuple[FileChange, ...]
    before: Fleet | None
    after: Fleet

    @property
    def affected(self) -> tuple[str, ...]:
        """The accounts that decide by something else then, new ones among them, by name."""
        known = self.before.accounts if self.before else {}
        every = {name: spec.config_version for name, spec in self.after.accounts.items()}
        return tuple(
            name for name, version in every.items() if name not in known or known[name].config_version != version
        )


def propose(directory: Path, edits: Sequence[tuple[str, Edit]]) -> Proposal:
    """Return what edits of files, each with the name of its file, would come to.

    Raises:
        ConfigError: one cannot be made; or the configuration could not be used, with file, line, key and nearest name.
    """
    basis = read_files(directory)
    after = {file: basis[file] or "" for file, _ in edits}
    told: dict[str, list[Told]] = {file: [] for file in after}
    for file, edit in edits:
        _check_name(after[file], edit)
        changed = edited(after[file], edit)
        told[file].append(_told(edit, after[file], changed))
        after[file] = changed
    return _proposal(
        directory, basis, [FileChange(file, basis[file], after[file], tuple(told[file])) for file in after]
    )


def propose_text(directory: Path, file: str, text: str, *, told: str) -> Proposal:
    """Return what another text of a whole file would come to.

    Args:
        told: where it is from, for the audit.

    Raises:
        ConfigError: the configuration could not be used, with file, line, key and nearest name.
    """
    basis = read_files(directory)
    return _proposal(directory, basis, [FileChange(file, basis[file], text, (Told(file, "", told),))])


def _proposal(directory: Path, basis: Files, wanted: Sequence[FileChange]) -> Proposal:
    changes = [change for change in wanted if change.before != change.after]
    before, after = _now(directory, basis), _read(directory, basis, changes)
    orders = [order for order in permutations(changes) if before is None or _is_sound(directory, basis, order)]
    if not orders:
        files = ", ".join(change.file for change in changes)
        raise ConfigError(
            f"expected changes that can be made one file after the other, found some of {files} that cannot; "
            "change them one by one"
        )
    return Proposal(basis, orders[0], before, after)


def difference(before: str, after: str, name_before: str, name_after: str) -> str:
    """Return the lines that differ between two texts, as `diff -u` prints them."""
    lines = unified_diff(before.splitlines(), after.splitlines(), name_before, name_after, lineterm="", n=2)
    return "\n".join(lines)


def _check_name(text: str, edit: Edit) -> None:
    """Refuse to give a key to an account, a policy or the like that there is not."""
    steps = edit.path.steps
    if isinstance(edit, Put) and len(steps) > 2 and steps[0] in NAMED:
        require_written(text, KeyPath(steps[:2]))


def _told(edit: Edit, before: str, after: str) -> Told:
    path = KeyPath((*edit.path.steps[:-1], edit.name)) if isinstance(edit, Copy) else edit.path
    return Told(str(path), told_value(before, path), "" if isinstance(edit, Remove) else told_value(after, path))


def _now(directory: Path, basis: Files) -> Fleet | None:
    try:
        return _read(directory, basis, ())
    except ConfigError:
        return None


def _is_sound(directory: Path, basis: Files, order: Sequence[FileChange]) -> bool:
    """Whether the configuration can be used after each of the changes but the last, which is known to leave it so."""
    try:
        for number in range(1, len(order)):
            _read(directory, basis, order[:number])
    except ConfigError:
        return False
    return True


def _read(directory: Path, basis: Files, changes: Iterable[FileChange]) -> Fleet:
    instead = {**basis, **{change.file: change.after for change in changes}}
    return read_fleet(directory, instead=instead)
