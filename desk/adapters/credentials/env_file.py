"""Variables in a file such as `.env`: read, and one of them written so that everything else stays as it is."""

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from desk.adapters.editing.replacing import read_if_there
from desk.adapters.placing import put_in_place
from desk.errors import ConfigError

_PLAIN = re.compile(r"[A-Za-z0-9_./:@+=,-]+")
_LINE = re.compile(
    r"""(?P<before>\s*(?:export\s+)?(?:'[^']+'|[^=\#\s]+)[^\S\r\n]*=[^\S\r\n]*)
    (?:'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | [^\r\n]*?)
    (?P<behind>(?:[^\S\r\n]+\#[^\r\n]*)?[^\S\r\n]*(?:\r\n|\n|\r)?)""",
    re.VERBOSE | re.DOTALL,
)
"""A variable with its value, what stands before the value, and the comment and the line's end behind it."""
_PRIVATE = 0o600


def read_env_file(path: Path) -> Mapping[str, str]:
    """Return what a file has a value for; nothing where there is no file. It is read again when it has changed."""
    try:
        look = path.stat()
    except OSError:
        return {}
    return _values(path, (look.st_ino, look.st_mtime_ns, look.st_size))


def write_env_file(path: Path, name: str, value: str) -> None:
    """Write a variable, in the place of the one before or at the end; only the owner may read the file afterwards.

    Comments, blank lines and every other variable stay to the byte. A process that is killed leaves the old file or the
    new one.

    Raises:
        ConfigError: the file cannot be written, or cannot say this value; the message does not repeat it.
    """
    target = path.resolve()
    with _one_writer(target.parent):
        before = _text(target)
        after = _with(target, before, name, value)
        if after != before or target.stat().st_mode & 0o777 != _PRIVATE:
            _replace(target, after)


@lru_cache(maxsize=4)
def _values(path: Path, _stamp: tuple[int, ...]) -> Mapping[str, str]:
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _with(path: Path, before: str, name: str, value: str) -> str:
    wanted = {**_written(before), name: value}
    for spelling in _spellings(value):
        after = _spliced(before, name, spelling)
        # With ${...} in it a value would be read as another one than it is written as.
        if _written(after) == wanted and dotenv_values(stream=StringIO(after))[name] == value:
            return after
    raise ConfigError(f"{path}: expected a value that such a file can hold, found another for {name}; write it by hand")


def _spliced(text: str, name: str, spelling: str) -> str:
    """The text with a value for a variable; of several of its name the last has the say."""
    bindings = list(parse_stream(StringIO(text, newline="")))
    places = [place for place, binding in enumerate(bindings) if binding.key == name]
    if not places:
        return "".join((text, "" if not text or text.endswith("\n") else "\n", f"{name}={spelling}\n"))
    parts = [binding.original.string for binding in bindings]
    line = _LINE.fullmatch(parts[places[-1]])
    before, behind = (line["before"], line["behind"]) if line else (f"{name}=", "\n")
    parts[places[-1]] = f"{before}{spelling}{behind}"
    return "".join(parts)


def _spellings(value: str) -> Iterator[str]:
    if _PLAIN.fullmatch(value):
        yield value
    escaped = value.replace("\\", "\\\\")
    if "\n" not in value and "\r" not in value:
        yield "'" + escaped.replace("'", "\\'") + "'"
    yield '"' + escaped.replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'


def _written(text: str) -> Mapping[str, str | None]:
    return dotenv_values(stream=StringIO(text), interpolate=False)


def _text(path: Path) -> str:
    content = read_if_there(path)
    try:
        return "" if content is None else content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected text in UTF-8, found another encoding at byte {error.start}") from None


def _replace(path: Path, text: str) -> None:
    with put_in_place(path, fails_as=ConfigError) as partial:
        # Made for its owner alone before anything is in it.
        partial.touch(mode=_PRIVATE)
        partial.write_bytes(text.encode())


@contextmanager
def _one_writer(folder: Path) -> Iterator[None]:
    """Be the only one who writes such files in a folder, among all processes; the folder itself is the lock."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ConfigError(f"{folder}: expected a folder that can be written, found {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
