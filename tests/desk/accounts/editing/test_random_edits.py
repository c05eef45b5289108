"""Random edits say exactly what they should, and leave every other byte as it was; another library is the judge."""

import copy
import os
import random
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from desk.accounts.editing.editing import Copy, Put, Remove, edited
from desk.accounts.editing.paths import KeyPath
from desk.errors import ConfigError
from tests.desk.accounts.editing.documents import documents

EXAMPLES = int(os.environ.get("DESK_EDIT_EXAMPLES", "200"))
SEQUENCE = int(os.environ.get("DESK_EDIT_SEQUENCE", "5"))
CONFIG = Path(__file__).resolve().parents[4] / "config"
VALUES = ("7", "0.25", "H1", "a text: of, #some kind", "[x, y]", "{k: 1}", "yes", "'quoted'", "", "*/5 * * * *", "-")

Steps = tuple[str | int, ...]


def load(text: str) -> Any:
    return copy.deepcopy(loaded(text))


@lru_cache(maxsize=4)
def loaded(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@lru_cache(maxsize=4)
def composed(text: str) -> Node:
    return YAML(typ="safe", pure=True).compose(text)


def read(value: str) -> Any:
    """What a typed value stands for."""
    return value if value in ("a text: of, #some kind", "", "*/5 * * * *", "-") else load(value)


def paths(data: Any, above: Steps = ()) -> list[Steps]:
    """Every path in loaded values, containers too."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path for key, value in inside for path in ((*above, key), *paths(value, (*above, key)))]


def at(data: Any, steps: Steps) -> Any:
    for step in steps:
        data = data[step]
    return data


def key_path(steps: Steps) -> KeyPath:
    return KeyPath(tuple(str(step) for step in steps))


def span(text: str, steps: Steps) -> tuple[int, int]:
    """From where to where a value is written, by the marks of the library."""
    value = nodes(text, steps)[1]
    return value.start_mark.index, value.end_mark.index


def nodes(text: str, steps: Steps) -> tuple[Node, Node]:
    """What a value begins with, its key where it has one, and the value."""
    key = value = composed(text)
    for step in steps:
        if isinstance(value, MappingNode):
            key, value = next(pair for pair in value.value if pair[0].value == step)
        else:
            key = value = value.value[step]
    return key, value


def common(one: str, other: str) -> int:
    """How many characters two texts begin with together."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def is_inserted(old: str, new: str) -> bool:
    """Whether the new text is the old one with characters put in at one place."""
    before = common(old, new)
    behind = min(common(old[::-1], new[::-1]), len(old) - before)
    return before + behind == len(old)


def without_tail(text: str) -> str:
    """A block without the comments and blank lines behind its last value, which the library takes for a part of it."""
    lines = text.splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].strip().startswith("#")):
        lines.pop()
    return "".join(lines).rstrip()


def check_put(text: str, steps: Steps, value: str) -> str:
    new = edited(text, Put(key_path(steps), value))
    start, end = span(text, steps)
    if start < end:
        assert new.startswith(text[:start])
        assert new.endswith(text[start + len(without_tail(text[start:end])) :])
    else:
        assert is_inserted(text, new)
    assert load(new) == changed(text, steps, value)
    return new


def changed(text: str, steps: Steps, value: str) -> Any:
    wanted = load(text)
    at(wanted, steps[:-1])[steps[-1]] = read(value)
    return wanted


def check_added(text: str, steps: Steps, value: str) -> str:
    new = edited(text, Put(key_path(steps), value))
    assert is_inserted(text, new)
    assert load(new) == changed(text, steps, value)
    return new


def check_removed(text: str, steps: Steps) -> str:
    new = edited(text, Remove(key_path(steps)))
    wanted = load(text)
    del at(wanted, steps[:-1])[steps[-1]]
    assert load(new) == wanted
    key, (start, end) = nodes(text, steps)[0], span(text, steps)
    assert new.startswith(text[: text.rfind("\n", 0, key.start_mark.index) + 1])
    last = max(start + len(without_tail(text[start:end])), key.end_mark.index)
    _, _, behind = text[last:].partition("\n")
    assert new.endswith(without_blank_lines(behind))
    return new


def without_blank_lines(text: str) -> str:
    """A text from its first line that says something on."""
    lines = text.splitlines(keepends=True)
    said = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    return "".join(lines[said:])


def check_copied(text: str, steps: Steps) -> str:
    new = edited(text, Copy(key_path(steps), "a-copy"))
    assert is_inserted(text, new)
    wanted = load(text)
    inside = at(wanted, steps[:-1])
    inside["a-copy"] = copy.deepcopy(inside[steps[-1]])
    assert load(new) == wanted
    return new


def mappings(data: Any) -> list[Steps]:
    return [steps for steps in ((), *paths(data)) if isinstance(at(data, steps), dict)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(text=documents(), data=st.data())
def test_an_edit_of_a_drawn_file_says_what_it_should_and_touches_nothing_else(text: str, data: st.DataObject):
    draw, known = data.draw, load(text)
    kind, value = draw(st.sampled_from(("put", "add", "remove", "copy"))), draw(st.sampled_from(VALUES))
    keyed = [steps for steps in paths(known) if isinstance(steps[-1], str)]
    if kind == "put":
        check_put(text, draw(st.sampled_from(paths(known))), value)
    elif kind == "add":
        check_added(text, (*draw(st.sampled_from(mappings(known))), "new-key"), value)
    elif kind == "copy":
        check_copied(text, draw(st.sampled_from(keyed)))
    else:
        check_removed_or_refused(text, draw(st.sampled_from(paths(known))))


def check_removed_or_refused(text: str, steps: Steps) -> None:
    """What stands behind the dash of an item cannot be taken out in whole lines."""
    line = text[: nodes(text, steps)[0].start_mark.index].rpartition("\n")[2]
    if isinstance(steps[-1], str) and line.strip() == "-" and len(at(load(text), steps[:-1])) > 1:
        with pytest.raises(ConfigError, match="by hand"):
            edited(text, Remove(key_path(steps)))
    else:
        check_removed(text, steps)


@pytest.mark.parametrize("file", ["accounts.yaml", "policy.yaml", "universe.yaml"])
def test_edits_one_after_the_other_keep_every_comment_of_the_sample_fleet(file: str):
    chance, first = random.Random(20), (CONFIG / file).read_text(encoding="utf-8")
    text, written = first, 0
    while written < SEQUENCE:
        steps = chance.choice([path for path in leaves(load(text)) if path[1:3] != ("crypto", "breaker")])
        put = chance.random() < 0.7
        check = check_put if put else check_added
        text = check(
            text,
            steps if put else (*steps[:-1], f"key-{written}"),
            chance.choice([value for value in VALUES if "#" not in value]),
        )
        written += 1
    assert comments(text) == comments(first)


def leaves(data: Any) -> list[Steps]:
    """Every path to a single value that has a key."""
    found = [steps for steps in paths(data) if isinstance(steps[-1], str)]
    return [steps for steps in found if not isinstance(at(data, steps), dict | list)]


def comments(text: str) -> list[str]:
    """Every comment, whether it has a line of its own or not."""
    return re.findall(r"(?:^|\s)# (.*)$", text, re.MULTILINE)
