"""What the desk says of its work, as events with names and values; each knows which account and cycle it is about."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter

EVENTS = "scandesk.events"
NOTHING_TO_WATCH = "nothing is held, and no order is open"
"""Why a watch ended at once; whoever reads a log can leave such lines out by it."""


def _silent_without_a_file() -> logging.Logger:
    """Events are for the file alone: at a terminal they would stand between the lines of an answer."""
    logger = logging.getLogger(EVENTS)
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    return logger


log: BoundLogger = structlog.wrap_logger(
    _silent_without_a_file(),
    processors=[structlog.stdlib.filter_by_level, ProcessorFormatter.wrap_for_formatter],
    wrapper_class=BoundLogger,
)
"""Takes events: `log.info("order sent", instrument=…)`."""


def cycle_name(close: datetime) -> str:
    """Return how logs call the cycle of a candle that closed then: as its page has it."""
    return f"{close.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


@contextmanager
def about(**names: str) -> Iterator[None]:
    """Let everything that is logged in this context say what it is about: `account`, `cycle`, `run`."""
    with structlog.contextvars.bound_contextvars(**names):
        yield
