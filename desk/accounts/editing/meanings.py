"""What a text should say once something is changed in it, to be compared with what it says then."""

from collections.abc import Callable, Iterator

from desk.accounts.editing.paths import Concrete
from desk.accounts.editing.pieces import Meaning

Change = Callable[[Meaning], Meaning]


def changed(meaning: Meaning, steps: Concrete, change: Change) -> Meaning:
    """Return a meaning with that of one value, which the steps lead to, as `change` makes it."""
    if not steps:
        return change(meaning)
    kind, anchor, *parts = meaning
    return (kind, anchor, *_changed_parts(meaning, parts, steps, change))


def replaced(value: Meaning) -> Change:
    """Return the change that puts a value in place of another, under the name that others refer to that by."""
    return lambda old: (value[0], "" if old[0] == "alias" else old[1], *value[2:])


def extended(step: str, value: Meaning) -> Change:
    """Return the change that adds a value behind all others, under a key where they have keys."""

    def change(old: Meaning) -> Meaning:
        if old[0] == "sequence":
            return (*old, value)
        return (*(old if old[0] == "mapping" else ("mapping", old[1])), (step, value))

    return change


def reduced(step: str | int) -> Change:
    """Return the change that takes a value away."""
    return lambda old: (*old[:2], *(part for name, part in _named(old) if name != step))


def doubled(step: str | int, name: str) -> Change:
    """Return the change that puts a value a second time behind itself, under another key."""

    def change(old: Meaning) -> Meaning:
        parts = list(old[2:])
        place, value = next((place, part) for place, (key, part) in enumerate(_pairs(old)) if key == step)
        return (*old[:2], *parts[: place + 1], (name, value), *parts[place + 1 :])

    return change


def _changed_parts(meaning: Meaning, parts: list[object], steps: Concrete, change: Change) -> Iterator[object]:
    if meaning[0] == "mapping":
        for key, value in _pairs(meaning):
            yield (key, changed(value, steps[1:], change)) if key == steps[0] else (key, value)
        return
    for place, part in enumerate(parts):
        assert isinstance(part, tuple), part
        yield changed(part, steps[1:], change) if place == steps[0] else part


def _named(meaning: Meaning) -> Iterator[tuple[object, object]]:
    """What is in a mapping by key, or in a list by place."""
    for place, part in enumerate(meaning[2:]):
        assert isinstance(part, tuple), part
        yield (part[0] if meaning[0] == "mapping" else place), part


def _pairs(meaning: Meaning) -> Iterator[tuple[object, Meaning]]:
    for part in meaning[2:]:
        assert isinstance(part, tuple), part
        yield part[0], part[1]
