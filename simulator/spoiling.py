"""Spoils what was read: the lists of a JSON reply come back empty, shuffled, doubled or without one of theirs.

Numbers that are not whole keep their digits.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Protocol

import orjson

from simulator.faults import Fault, Kind


def spoil(body: bytes, faults: Sequence[Fault], chance: Random) -> bytes:
    """Return the body with every outermost list of objects changed as the faults ask; what is not JSON stays."""
    kinds = [fault.kind for fault in faults if fault.kind in _CHANGES]
    if not kinds:
        return body
    try:
        told = json.loads(body, parse_float=orjson.Fragment)
    except ValueError:
        return body
    for kind in kinds:
        told = _in_lists(told, partial(_CHANGES[kind], chance=chance))
    return orjson.dumps(told)


def _in_lists(told: object, change: Callable[[list[object]], list[object]]) -> object:
    if isinstance(told, list):
        return change(told)
    if isinstance(told, dict):
        return {name: _in_lists(value, change) for name, value in told.items()}
    return told


def _omit(items: list[object], chance: Random) -> list[object]:
    left_out = chance.randrange(len(items)) if items else 0
    return [item for row, item in enumerate(items) if row != left_out]


def _shuffle(items: list[object], chance: Random) -> list[object]:
    """Another order wherever there is one."""
    turn = chance.randrange(1, len(items)) if len(items) > 1 else 0
    return [*items[turn:], *items[:turn]]


def _empty(items: list[object], chance: Random) -> list[object]:
    return []


def _double(items: list[object], chance: Random) -> list[object]:
    return [copy for item in items for copy in (item, item)]


class _Change(Protocol):
    def __call__(self, items: list[object], chance: Random) -> list[object]: ...


_CHANGES: dict[Kind, _Change] = {
    Kind.EMPTY: _empty,
    Kind.OMIT: _omit,
    Kind.DUPLICATE: _double,
    Kind.REORDER: _shuffle,
}
