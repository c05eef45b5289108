"""Many combinations of parameters over the same candles: what they share is computed once, outcomes are kept at once.

A sweep that was cancelled or killed goes on from its record. In several processes each has its own candles and its own
shared values; neighbours in the list go to the same process, so that they find what the one before has computed.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import islice, product
from multiprocessing import get_context, parent_process
from signal import SIGTERM, raise_signal
from threading import Thread
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import numpy as np

from desk.backtest.rules import Rules
from desk.backtest.signals import Signals
from desk.backtest.simulate import Engine, simulate
from desk.model.candles import Candles

Value: TypeAlias = int | float | str | bool
Parameters: TypeAlias = Mapping[str, Value]
Values = TypeVar("Values")

_SHARED_BYTES = 128 * 1024 * 1024
_BATCH = 20
"""Combinations that a process is given at once: a fiftieth of a second of work for a year of five-minute candles."""

_LOOKED_EVERY = 0.2
"""Seconds between looks at whether a sweep in several processes was cancelled."""


class Shared:
    """Values of the candles that several combinations need, each computed once for its arguments.

    Attributes:
        candles: of the sweep, one for each instrument.
    """

    def __init__(self, candles: Sequence[Candles], *, most_bytes: int = _SHARED_BYTES) -> None:
        self.candles = candles
        self._most, self._bytes = most_bytes, 0
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def __call__(self, function: Callable[..., Values], *arguments: Hashable) -> Values:
        """Return `function(candles, *arguments)`, an array or a tuple of arrays that nobody may change.

        What was not asked for the longest time makes room when more than `most_bytes` are kept.
        """
        key = function, arguments
        if key in self._kept:
            self._kept.move_to_end(key)
            return cast(Values, self._kept[key])
        value = self._kept[key] = function(self.candles, *arguments)
        self._bytes += _bytes_of(value)
        while self._bytes > self._most and len(self._kept) > 1:
            self._bytes -= _bytes_of(self._kept.popitem(last=False)[1])
        return value


SignalsOf = Callable[[Shared, Parameters], Sequence[Signals]]
"""Makes the signals of every instrument for one combination."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one combination came to."""

    parameters: Parameters
    trades: int
    final_equity: float
    refused: int


class Record(Protocol):
    """Where outcomes are kept while a sweep goes on."""

    def outcomes(self) -> Iterable[Outcome]:
        """Return what was kept before."""

    def keep(self, outcomes: Sequence[Outcome]) -> None:
        """Keep more of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """What is swept.

    Attributes:
        candles: of one timeframe, one for each instrument.
        signals_of: for several processes a function that can be imported by its name.
        rules: the same for all, or a function of the parameters.
        combinations: each a value for every parameter; those that differ little should be neighbours.
    """

    candles: Sequence[Candles]
    signals_of: SignalsOf
    rules: Rules | Callable[[Parameters], Rules]
    combinations: Sequence[Parameters]
    engine: Engine = Engine.AUTO

    @property
    def fingerprint(self) -> str:
        """Tell candles, rules and the names of functions from others; what those functions do is not in it."""
        digest = hashlib.sha256(f"{_name_of(self.signals_of)} {_told(self.rules)}".encode())
        for one in self.candles:
            digest.update(f"{one.instrument} {one.timeframe}".encode())
            for values in _columns(one):
                digest.update(values.data)
        return digest.hexdigest()


def grid(**values: Sequence[Value]) -> list[Parameters]:
    """Return every combination of the values of each parameter; the last one named changes fastest."""
    return [dict(zip(values, one, strict=True)) for one in product(*values.values())]


def run_sweep(
    sweep: Sweep,
    *,
    record: Record | None = None,
    workers: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """Simulate the combinations that the record does not have, and return all outcomes, in the order of combinations.

    Args:
        record: gets each outcome as it comes; without one a sweep that ends early is lost.
        workers: processes; one is this one.
        on_progress: called with how many are done, and how many there are.
        is_cancelled: asked again and again; what is done by then is returned.
    """
    found = {_key(one.parameters): one for one in (record.outcomes() if record else ())}
    wanted = {_key(parameters): parameters for parameters in sweep.combinations}
    missing = [parameters for key, parameters in wanted.items() if key not in found]
    done = len(wanted) - len(missing)
    batches = (missing[place : place + _BATCH] for place in range(0, len(missing), _BATCH))
    way = partial(_in_processes, workers=workers) if workers > 1 else _here
    for outcomes in way(sweep, batches, is_cancelled):
        if record:
            record.keep(outcomes)
        found |= {_key(one.parameters): one for one in outcomes}
        done += len(outcomes)
        if on_progress:
            on_progress(done, len(wanted))
    return [found[key] for key in wanted if key in found]


def _here(
    sweep: Sweep, batches: Iterable[Sequence[Parameters]], is_cancelled: Callable[[], bool]
) -> Iterator[list[Outcome]]:
    shared = Shared(sweep.candles)
    for batch in batches:
        for parameters in batch:
            if is_cancelled():
                return
            yield [_outcome(sweep, shared, parameters)]


def _in_processes(
    sweep: Sweep, batches: Iterable[Sequence[Parameters]], is_cancelled: Callable[[], bool], *, workers: int
) -> Iterator[list[Outcome]]:
    waiting = iter(batches)
    # Not forked: a thread of the caller may hold a lock that nobody would release in the copy.
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin_worker, initargs=(sweep,)
    ) as pool:
        # Two for each, so that none waits for the next; what is under way when a sweep is cancelled is still told.
        under_way = {pool.submit(_in_worker, batch) for batch in islice(waiting, 2 * workers)}
        while under_way:
            ended, under_way = wait(under_way, timeout=_LOOKED_EVERY, return_when=FIRST_COMPLETED)
            more = 0 if is_cancelled() else len(ended)
            under_way |= {pool.submit(_in_worker, batch) for batch in islice(waiting, more)}
            yield from (one.result() for one in ended)


class _Worker:
    """What a process of a sweep keeps from one batch to the next."""

    sweep: Sweep
    shared: Shared


def _begin_worker(sweep: Sweep) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    _Worker.sweep, _Worker.shared = sweep, Shared(sweep.candles)


def _end_with_parent() -> None:
    """A pool ends its processes itself; where the parent was killed, they would wait for it for ever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    raise_signal(SIGTERM)


def _in_worker(batch: Sequence[Parameters]) -> list[Outcome]:
    return [_outcome(_Worker.sweep, _Worker.shared, parameters) for parameters in batch]


def _outcome(sweep: Sweep, shared: Shared, parameters: Parameters) -> Outcome:
    rules = sweep.rules if isinstance(sweep.rules, Rules) else sweep.rules(parameters)
    found = simulate(sweep.candles, sweep.signals_of(shared, parameters), rules, engine=sweep.engine)
    equity = float(found.equity[-1]) if len(found.equity) else rules.cash
    return Outcome(parameters, len(found.trades), equity, found.refused)


def _columns(one: Candles) -> Iterator[np.ndarray[Any, Any]]:
    yield from (one.time, one.volume)
    for side in (one, one.bid, one.ask):
        if side is not None:
            yield from (side.open, side.high, side.low, side.close)


def _key(parameters: Parameters) -> str:
    return json.dumps(parameters, sort_keys=True)


def _bytes_of(value: object) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    return sum(map(_bytes_of, value)) if isinstance(value, tuple | list) else 0


def _told(rules: Rules | Callable[[Parameters], Rules]) -> str:
    return repr(rules) if isinstance(rules, Rules) else _name_of(rules)


def _name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
