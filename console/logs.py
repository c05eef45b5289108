"""Prints lines of the logs, and goes on with those that are added."""

import asyncio
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict

import orjson

from console.services.logs import FILES, LogQuestion, newest_lines, text_of
from console.showing import print_json, print_line
from desk.adapters.logs.keeping import log_file
from desk.adapters.logs.reading import Following, LogEntry
from desk.adapters.settings import settings

_LOOK_EVERY = 0.5


def show_logs(question: LogQuestion, *, limit: int, follow: bool, as_json: bool) -> int:
    """Print the newest lines, oldest first; with `follow` those that come after them too, until Ctrl-C.

    Raises:
        NotUnderstood: the cycle is no time.
    """
    following = Following(log_file(settings().home, FILES[question.which]), question.wanted)
    entries = asyncio.run(newest_lines(settings(), question, limit=limit))
    if not follow:
        _print(entries, as_json=as_json)
        return 0
    _print_each(entries, as_json=as_json)
    try:
        while True:
            time.sleep(_LOOK_EVERY)
            _print_each(following.added(), as_json=as_json)
    except KeyboardInterrupt:
        return 0


def _print(entries: Iterable[LogEntry], *, as_json: bool) -> None:
    found = list(entries)
    if as_json:
        print_json([asdict(entry) for entry in found])
    elif not found:
        print_line("Nothing was logged of that. `desk up` and `desk scan` write the log.")
    else:
        _print_each(found, as_json=False)


def _print_each(entries: Iterable[LogEntry], *, as_json: bool) -> None:
    """A line for each; JSON a line each, too, so that a program need not wait for the end."""
    for entry in entries:
        print_line(orjson.dumps(entry).decode() if as_json else tell(entry))
    sys.stdout.flush()  # whoever reads it from a pipe must not wait until it is over


def tell(entry: LogEntry) -> str:
    """Return an entry as one line, and below it what needs more lines."""
    about = " ".join(part for part in (entry.account, entry.cycle) if part)
    parts = (f"{entry.at:%Y-%m-%d %H:%M:%S}", f"{entry.level:<7}", about, text_of(entry))
    exception = str(entry.facts.get("exception", "")).splitlines()
    return "\n".join((_clean("  ".join(part for part in parts if part)), *map(_clean, exception)))


def _clean(text: str) -> str:
    """Without what a terminal would obey; an error repeats what others have said."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
