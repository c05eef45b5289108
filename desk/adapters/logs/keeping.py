"""Begins the log of a process: events, warnings and what Prefect says, as lines of JSON."""

import logging
import os
import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict

from desk.adapters.logs.events import EVENTS
from desk.adapters.logs.file import SharedFile
from desk.adapters.logs.scrubbing import hide, scrub
from desk.adapters.settings import Settings

FOLDER = "logs"
TRADING, DASHBOARD = "trading_system.log", "dashboard.log"
_TOLD_ELSEWHERE = re.compile(
    "Finished in state|View at |Flow run .* submitted to infrastructure|Worker .* submitting flow run"
)
_OF_PREFECT = {"flow_run_id": "run", "flow_run_name": "run_name", "task_run_name": "task"}


def keep_logs(chosen: Settings, name: str = TRADING, *, also: Collection[str] = ()) -> None:
    """Log everything of this process to a file of the installation; doing so twice changes nothing.

    Args:
        chosen: says where the file is, how large it may grow and what is written.
        name: of the file.
        also: loggers that keep what they hear to themselves.
    """
    path = (chosen.home / FOLDER / name).resolve()
    hide(_secrets(chosen))
    kept = SharedFile(path, most_bytes=chosen.log_megabytes * 1_000_000, files=chosen.log_files)
    kept.setLevel(chosen.log_level.upper())
    kept.setFormatter(_formatter())
    kept.addFilter(_is_news)
    logging.getLogger(EVENTS).setLevel(chosen.log_level.upper())
    for logger in (logging.getLogger(), *map(logging.getLogger, (EVENTS, *also))):
        _attach(logger, kept)


def log_file(home: Path, name: str = TRADING) -> Path:
    """Return where the log of that name is in a home folder."""
    return home / FOLDER / name


def _attach(logger: logging.Logger, kept: SharedFile) -> None:
    """Put our file in place of the one that there was: settings, or the home itself, may be others now."""
    for handler in list(logger.handlers):
        if isinstance(handler, SharedFile):
            logger.removeHandler(handler)
    logger.addHandler(kept)


def _secrets(chosen: Settings) -> list[str]:
    urls = (*chosen.notify_urls, *chosen.escalate_urls)
    secrets = (*urls, chosen.database_url, chosen.ping_url, chosen.telegram_token)
    return [one.get_secret_value() for one in secrets if one is not None]


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a record says what no other does: what ended well is told as the end of a stage or a cycle."""
    is_of_run = record.name.startswith(("prefect.task_runs", "prefect.flow_runs", "prefect.workers"))
    return not (is_of_run and record.levelno < logging.WARNING and _TOLD_ELSEWHERE.match(record.getMessage()))


def _formatter() -> logging.Formatter:
    return ProcessorFormatter(
        processors=[
            _basics,
            structlog.contextvars.merge_contextvars,
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _written,
        ]
    )


def _basics(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """When, how grave, from where; and of which run, where Prefect says so."""
    record: logging.LogRecord = event["_record"]
    run = {ours: getattr(record, theirs) for theirs, ours in _OF_PREFECT.items() if getattr(record, theirs, None)}
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    first = {"time": at, "level": record.levelname.lower(), "logger": record.name, "event": event.pop("event")}
    return {**first, "process": os.getpid(), **run, **event}


def _written(_logger: Any, _method: str, event: EventDict) -> str:
    return orjson.dumps(scrub(event), default=str, option=orjson.OPT_NON_STR_KEYS).decode()
