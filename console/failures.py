"""Errors that an operator sees: one message, and an exit code that says what kind it is."""

import sys

from desk.errors import ConfigError, DeskError, LedgerBusy, LedgerError, WrittenOrNot

FAILED, WORDS, CONFIGURATION, LEDGER, PREFECT = 1, 2, 3, 4, 5


class NotUnderstood(DeskError):
    """A word of the command that names nothing there is: an account, an instrument, a strategy, a time."""


class NothingRecorded(DeskError):
    """The ledger has nothing about what was asked, though it could have."""


class NotResumable(DeskError):
    """A run that cannot go on where it stopped, or would have nothing to do; the message says why."""


class HeldBack(DeskError):
    """An account that must not trade again by this order; the message says what holds it, and who may lift that."""


class PrefectNotReached(DeskError):
    """No Prefect server answers where the settings say, it does not let us in, or what answers is none."""


class ResumedOrNot(DeskError):
    """The Prefect server did not say whether it runs something again, which it was told to; nobody knows."""


UNDONE = (NotUnderstood, NothingRecorded, NotResumable, HeldBack, PrefectNotReached, ConfigError, LedgerBusy)
"""What is raised while nothing is done yet; after any other failure nobody knows what was done."""


def exit_code_of(error: Exception) -> int | None:
    """Return the exit code of an error, or None where it is a bug and deserves its traceback."""
    # Imported late: only an error needs it, and `desk --help` must not wait for it.
    from deployments.server import ServerNotReady

    kinds = (
        (NotUnderstood, WORDS),
        (ConfigError, CONFIGURATION),
        (WrittenOrNot, CONFIGURATION),
        (LedgerError, LEDGER),
        (PrefectNotReached, PREFECT),
        (ResumedOrNot, PREFECT),
        (ServerNotReady, PREFECT),
        (DeskError, FAILED),
    )
    return next((code for kind, code in kinds if isinstance(error, kind)), None)


def report(error: Exception) -> None:
    """Print an error as an operator should read it; a configuration's problems stand on a line each."""
    lines = str(error).splitlines()
    if isinstance(error, ConfigError) and len(lines) > 1:
        lines.insert(0, f"{len(lines)} problems in the configuration:")
    sys.stderr.write("\n".join((f"desk: {lines[0]}", *lines[1:])) + "\n")
