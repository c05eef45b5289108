"""How far the audit was whole at the last check: a file in the home folder, out of reach of who edits the database."""

from pathlib import Path

from desk.adapters.ledger.chain import Checkpoint
from desk.adapters.ledger.database import private_file
from desk.errors import ConfigError

CHECKPOINT_FILE = "audit.checkpoint"


def read_checkpoint(home: Path) -> Checkpoint | None:
    """Return the checkpoint of an installation, None before its first check.

    Raises:
        ConfigError: the file cannot be read as one.
    """
    path = home / CHECKPOINT_FILE
    try:
        sequence, text = path.read_text(encoding="utf-8").split()
        return Checkpoint(int(sequence), text)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: expected a number and a hash, found {error}; delete it to begin anew with the audit as it is now"
        ) from error


def write_checkpoint(home: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint, whole or not at all."""
    path = home / CHECKPOINT_FILE
    new = path.with_suffix(".new")
    private_file(new)
    new.write_text(f"{checkpoint.sequence} {checkpoint.hash}\n", encoding="utf-8")
    new.replace(path)
