"""The floor of a decision: the same TA-Lib functions on the same arrays, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import talib

Call = Callable[[], object]


def indicator_calls(work: Callable[[], object]) -> list[Call]:
    """Run a piece of work once and return every call of a TA-Lib function that it made, ready to be made again."""
    made: list[Call] = []
    with _noting(made):
        work()
    return made


def distinct(calls: list[Call]) -> list[Call]:
    """Return the calls without those that another one makes already: the same function of the same arrays."""
    return list({_key(call): call for call in calls}.values())


@contextmanager
def _noting(made: list[Call]) -> Iterator[None]:
    # The desk looks the functions up when it calls them, so that they can be exchanged for a while.
    kept = {name: getattr(talib, name) for name in talib.get_functions()}  # type: ignore[no-untyped-call]
    try:
        for name, function in kept.items():
            setattr(talib, name, partial(_note, made, function))
        yield
    finally:
        for name, function in kept.items():
            setattr(talib, name, function)


def _note(made: list[Call], function: Callable[..., object], *arguments: object) -> object:
    made.append(partial(function, *arguments))
    return function(*arguments)


def _key(call: Call) -> object:
    assert isinstance(call, partial)
    return (call.func, *(argument if isinstance(argument, int) else id(argument) for argument in call.args))
