"""The folder of the configuration files; a file may be read as it is about to be written and not as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from desk.accounts.entry import Document


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the files are.

    Attributes:
        instead: texts that stand for files, by their names; None where there is to be no such file.
    """

    directory: Path
    instead: Mapping[str, str | None] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Return whether there is a file of that name, or a text for it."""
        return self.instead[name] is not None if name in self.instead else (self.directory / name).exists()

    def read(self, name: str, holds: str) -> Document:
        """Read a file; what is wrong is in the document's problems.

        Args:
            name: of the file.
            holds: what the file holds, for the messages.
        """
        # The YAML library costs every command that imports this package 50 ms, and only those that load need it.
        from desk.accounts.document import no_document, parse_document, read_document

        path = self.directory / name
        if name not in self.instead:
            return read_document(path, holds)
        text = self.instead[name]
        return no_document(path, holds) if text is None else parse_document(path, text, holds)
