"""The page of advice has a section for every message that the code can send to a person, and none for any other.

A title is read from the code as a pattern: whatever stands in braces may be anything, and the name of the account
before it is left out.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "how-to" / "when-things-go-wrong.md"
PACKAGES = ("desk", "blocks", "tasks", "flows", "deployments", "console")
LEADS = ("**Means.**", "**Done already.**", "**Look.**", "**Do.**", "**Over**")
ANYTHING = "{}"


@cache
def patterns() -> dict[str, str]:
    """Every title that can be sent, with the place where it is made."""
    found = [one for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) for one in titles(path)]
    return {pattern: place for place, pattern in found}


def titles(path: Path, root: Path = ROOT) -> Iterator[tuple[str, str]]:
    text = path.read_text(encoding="utf-8")
    if "Message(" not in text:  # most files make none, and reading a tree takes its time
        return
    tree = ast.parse(text)
    if not any(imports_message(node) for node in ast.walk(tree)):
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Message":
                    yield f"{path.relative_to(root)}:{call.lineno}", pattern_of(call.args[0], function)


def imports_message(node: ast.AST) -> bool:
    if not isinstance(node, ast.ImportFrom) or node.module != "desk.ports":
        return False
    return any(name.name == "Message" for name in node.names)


def pattern_of(title: ast.expr, function: ast.AST) -> str:
    """A title with braces in place of what is filled in; one in a variable is looked up in its function."""
    if isinstance(title, ast.Name):
        known = [node.value for node in ast.walk(function) if isinstance(node, ast.Assign) and assigns(node, title.id)]
        assert len(known) == 1, f"line {title.lineno}: give the title of a message as a text"
        return pattern_of(known[0], function)
    assert isinstance(title, ast.JoinedStr), f"line {title.lineno}: give the title of a message as an f-string"
    parts = [str(part.value) if isinstance(part, ast.Constant) else ANYTHING for part in title.values]
    text = "".join(parts)
    assert text.startswith(f"{ANYTHING}: "), f"line {title.lineno}: expected the account first, found {text}"
    return text.removeprefix(f"{ANYTHING}: ")


def assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def sections() -> dict[str, str]:
    """The text under each heading of the third level."""
    _, *parts = re.split(r"^### (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def fits(heading: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split(ANYTHING))), heading) is not None


def test_every_message_of_the_code_has_its_section() -> None:
    unadvised = {
        place: pattern for pattern, place in patterns().items() if not any(fits(one, pattern) for one in sections())
    }
    assert unadvised == {}


def test_no_section_is_about_a_message_that_is_not_sent() -> None:
    known = patterns()
    assert [heading for heading in sections() if not any(fits(heading, pattern) for pattern in known)] == []


@pytest.mark.parametrize("heading", sections())
def test_a_section_says_what_it_means_what_was_done_where_to_look_what_to_do_and_when_it_is_over(heading: str) -> None:
    text = sections()[heading]
    assert [lead for lead in LEADS if lead not in text] == []
    assert [text.index(lead) for lead in LEADS] == sorted(text.index(lead) for lead in LEADS)
    assert "`desk " in text[text.index("**Look.**") :], "a section leads to a command"


def test_a_new_message_is_found_wherever_its_title_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    path.write_text(
        "from desk.ports import Message, Notifier\n"
        "def told(account, count):\n"
        "    title = f'{account}: {count} new things'\n"
        "    return [Message(title, ''), Message(f'{account}: an old one', '', 'error')]\n"
    )
    assert {pattern for _, pattern in titles(path, tmp_path)} == {"{} new things", "an old one"}


def test_a_message_whose_title_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    path.write_text("from desk.ports import Message\ndef told(title):\n    return Message(title, '')\n")
    with pytest.raises(AssertionError, match="line 3: give the title of a message as a text"):
        list(titles(path, tmp_path))
