"""The triggers that halt the whole fleet without the ledger: a file in the home folder, and `DESK_HALT`."""

from dataclasses import dataclass
from pathlib import Path

from desk.adapters.settings import Settings
from desk.model.books import Restriction, TradingState

HALT_FILE = "HALT"
"""While a file of this name is in the home folder, nothing opens a position."""

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class HaltTriggers:
    """Looked at wherever trading states are read; it costs a look at a folder.

    Attributes:
        file: its presence halts, its text is the reason.
        ordered: `DESK_HALT` as this process was started with; empty does not halt.
    """

    file: Path
    ordered: str

    @classmethod
    def of(cls, settings: Settings) -> "HaltTriggers":
        """Return the triggers of an installation."""
        return cls(settings.home.resolve() / HALT_FILE, settings.halt)

    def __call__(self) -> tuple[Restriction, ...]:
        """Return a halt of the fleet for each trigger that is pulled."""
        found = (("DESK_HALT", self.ordered or None), (f"the file {self.file}", self._reason()))
        return tuple(Restriction(TradingState.HALTED, who, printable(why)) for who, why in found if why is not None)

    def _reason(self) -> str | None:
        """The text of the file, None where there is no file; one that cannot be read or looked for halts too."""
        try:
            self.file.lstat()
            return self.file.read_bytes()[:_LONGEST_REASON].decode(errors="replace")
        except FileNotFoundError:
            # A link that leads nowhere is there all the same.
            return "it leads nowhere" if self.file.is_symlink() else None
        except OSError as error:
            return f"it cannot be read: {error.strerror}"


def printable(text: str) -> str:
    """Return a text in one line without what a database or a terminal may not take."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
