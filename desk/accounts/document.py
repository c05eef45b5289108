"""Reads a YAML file into values that remember where they were written.

The file is composed, not constructed: every scalar keeps its text, so a decimal is exact and a message shows what the
operator wrote, not what YAML made of it.
"""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from desk.accounts.entry import Document, Entry, Scalar
from desk.accounts.problems import Problem
from desk.accounts.secrecy import SOMETHING_ELSE, may_be_secret, may_be_secret_key

_DEEPEST = 30
_NO_FILE = "found no file; `desk init` begins a configuration, DESK_CONFIG names the folder of one"
_TAG = "tag:yaml.org,2002:"
_ODD_ALIAS = re.compile(r"alias '(?![a-z_-]{1,20}').*'")
_PLAIN_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
# Octal to some readers and decimal to others; octal, hexadecimal and binary to some and text to others.
_GUESSED_INTEGER = re.compile(r"[-+]?0[0-9_]+|0o[0-7]+|0x[0-9a-fA-F]+|0b[01]+")


def read_document(path: Path, holds: str) -> Document:
    """Read a file; what is wrong is in the document's problems.

    Args:
        path: the file.
        holds: what the file holds, for the messages.
    """
    try:
        return parse_document(path, path.read_text(encoding="utf-8"), holds)
    except FileNotFoundError:
        return no_document(path, holds)
    except OSError as error:
        return _unreadable(path, f"expected {holds}, found a file that cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        return _unreadable(
            path, f"expected text in UTF-8, found another encoding at byte {error.start}; save it as UTF-8"
        )


def parse_document(path: Path, text: str, holds: str) -> Document:
    """Read a text as if it were the file's; see `read_document`."""
    try:
        node = _composed(text)
    except MarkedYAMLError as error:
        return Document(None, (_syntax_problem(path, text, error),))
    except YAMLError as error:
        return _unreadable(path, f"expected valid YAML, found: {' '.join(str(error).split())}")
    if node is None:
        return _unreadable(path, f"expected {holds}, found an empty file")
    return _converted(path, node)


def no_document(path: Path, holds: str) -> Document:
    """Return what is read where there is no file."""
    return _unreadable(path, f"expected {holds}, {_NO_FILE}")


def _unreadable(path: Path, message: str) -> Document:
    return Document(None, (Problem(str(path), 0, "", message),))


@lru_cache(maxsize=4)
def _composed(text: str) -> Node | None:
    """The node of a text, which nobody changes: of a fleet that is read again, most files are as they were."""
    node: Node | None = YAML(typ="rt", pure=True).compose(text)
    return node


def _syntax_problem(path: Path, text: str, error: MarkedYAMLError) -> Problem:
    # What is never closed is reported where it was opened; everything else where reading stopped.
    unclosed = error.context_mark is not None and _is_unclosed(str(error.context), str(error.problem))
    mark = error.context_mark if unclosed else error.problem_mark
    # The name of an alias is whatever stands behind a `*`, which may be the rest of a secret.
    what = _ODD_ALIAS.sub("alias", ": ".join(part for part in (error.context, error.problem) if part))
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    source = text.splitlines()
    shown = source[line - 1] if 0 < line <= len(source) else ""
    return Problem(str(path), line, "", f"expected valid YAML: {what}{_syntax_hint(what, shown)}", column)


def _is_unclosed(context: str, problem: str) -> bool:
    return "stream" in problem or "flow mapping" in context or "flow sequence" in context


def _syntax_hint(what: str, text: str) -> str:
    if "'\\t'" in what:
        return "; indent with spaces, not with tabs"
    if special := re.search(r"(?:: |- |\[|, )\s*([*@`%&!])", text):
        return f"; put quotes around a value that begins with '{special[1]}'"
    if "mapping values" in what:
        return "; check the indentation, and put quotes around a value that contains ': '"
    if _is_unclosed(what, what):
        return "; close the quote or bracket that is opened here"
    return ""


def _converted(path: Path, node: Node) -> Document:
    reader = _Reader(str(path))
    try:
        top = reader.entry(node, "", node.start_mark.line + 1, 0)
    except _TooDeepError as error:
        return Document(None, (Problem(str(path), error.line, error.path, str(error)),))
    return Document(top, tuple(reader.problems))


class _TooDeepError(Exception):
    def __init__(self, path: str, line: int) -> None:
        super().__init__(f"expected at most {_DEEPEST} levels, found more; does an alias contain itself?")
        self.path = path
        self.line = line


class _Reader:
    """Turns nodes into entries and collects what YAML lets pass but an operator cannot have meant."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def entry(self, node: Node, path: str, line: int, depth: int) -> Entry:
        if depth > _DEEPEST:
            raise _TooDeepError(path[:60], line)
        if isinstance(node, MappingNode):
            return Entry(self._mapping(node, path, depth), self.file, path, line)
        if isinstance(node, SequenceNode):
            return Entry(self._sequence(node, path, depth), self.file, path, line)
        assert isinstance(node, ScalarNode), node
        return Entry(self._scalar(node, path, line), self.file, path, line, node.value)

    def _mapping(self, node: MappingNode, path: str, depth: int) -> dict[str, Entry]:
        merged: dict[str, Entry] = {}
        own: dict[str, Entry] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if str(key.tag) == f"{_TAG}merge":
                merged |= self._merge(value, path, line, depth)
            elif not isinstance(key, ScalarNode):
                self._report(path, line, "expected a name as the key, found a list or a mapping; put quotes around it")
            elif key.value in own:
                first = own[key.value].line
                told = path if may_be_secret_key(path, key.value) else _join(path, key.value)
                self._report(told, line, f"expected each key once, found it on line {first} already")
            else:
                own[key.value] = self.entry(value, _join(path, key.value), line, depth + 1)
        return merged | own

    def _merge(self, node: Node, path: str, line: int, depth: int) -> dict[str, Entry]:
        sources = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Entry] = {}
        # YAML gives the first source of a merge the last word.
        for source in reversed(list(sources)):
            if isinstance(source, MappingNode):
                merged |= self.entry(source, path, line, depth + 1).children
            else:
                self._report(_join(path, "<<"), line, "expected a mapping to merge, found something else")
        return merged

    def _sequence(self, node: SequenceNode, path: str, depth: int) -> tuple[Entry, ...]:
        return tuple(
            self.entry(item, f"{path}[{place}]", item.start_mark.line + 1, depth + 1)
            for place, item in enumerate(node.value)
        )

    def _scalar(self, node: ScalarNode, path: str, line: int) -> Scalar:
        text, tag = str(node.value), str(node.tag).removeprefix(_TAG)
        if tag == "null":
            return None
        if tag == "bool":
            return text.casefold() == "true"
        if tag == "int":
            return self._integer(text, path, line)
        if tag == "float":
            return self._decimal(text, path, line)
        if tag not in ("str", "timestamp"):
            self._report(path, line, f"expected plain YAML, found the tag {_shown(path, tag)}; leave it out")
        return text

    def _integer(self, text: str, path: str, line: int) -> int | str:
        if _PLAIN_INTEGER.fullmatch(text):
            return int(text.replace("_", ""))
        if not _GUESSED_INTEGER.fullmatch(text):
            self._report(path, line, f"expected a whole number, found {_shown(path, text)}")
            return text
        self._report(
            path,
            line,
            f"expected a decimal number, found {_shown(path, text)}, which YAML readers take for different numbers; "
            f"write it in plain digits, or in quotes if it is a text",
        )
        return int(text, 0) if text[1:2].isalpha() else int(text.replace("_", ""))

    def _decimal(self, text: str, path: str, line: int) -> Decimal | str:
        try:
            return Decimal(text.casefold().replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
        except InvalidOperation:
            self._report(path, line, f"expected a number, found {_shown(path, text)}")
            return text

    def _report(self, path: str, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, path, message))


def _shown(path: str, text: str) -> str:
    return SOMETHING_ELSE if may_be_secret(path, text) else text


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
