"""The kernels as machine code: numba compiles them once per machine and keeps the result beside the package.

Where that folder cannot be written, numba takes the user's cache folder, and where there is none either, they are
compiled again in each process.
"""

import inspect
import zlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from types import FunctionType, ModuleType
from typing import Any, cast

from desk.backtest.kernels import entering, events, freqtrade, layout, portfolio, walking
from desk.backtest.kernels.layout import Market, Terms, Wishes
from desk.model.candles import FloatArray, IntArray

Run = Callable[[Market, Wishes, Terms, FloatArray, float, FloatArray, FloatArray, IntArray], tuple[float, int, int]]

_MODULES = (events, freqtrade, walking, entering, portfolio)


def is_available() -> bool:
    """Return whether numba is installed; it is not imported for that."""
    return find_spec("numba") is not None


# Nothing in the kernels makes an array, so that nothing has to be counted; counting takes longer than the work. Each
# function becomes part of its caller, or the columns of a market would be handed over once more with every call.
_OPTIONS: dict[str, Any] = {"_nrt": False, "forceinline": True, "error_model": "numpy"}


@cache
def compiled_run() -> Run:
    """Return `portfolio.run` compiled."""
    _make_callable()
    return _compiled(
        _stamped(zlib.crc32("".join(inspect.getsource(module) for module in (layout, *_MODULES)).encode()))
    )


def _compiled(run: Run) -> Run:
    from numba import njit

    try:
        return cast(Run, njit(run, cache=True, nogil=True, **_OPTIONS))
    except RuntimeError:  # numba found no folder that it may write
        return cast(Run, njit(run, nogil=True, **_OPTIONS))


@cache
def _make_callable() -> None:
    """Let compiled code call the kernels; they stay what they are to Python."""
    from numba.extending import register_jitable

    for module in _MODULES:
        for function in _functions(module):
            register_jitable(**_OPTIONS)(function)


def _functions(module: ModuleType) -> list[FunctionType]:
    return [
        value for value in vars(module).values() if inspect.isfunction(value) and value.__module__ == module.__name__
    ]


def _stamped(stamp: int) -> Run:
    """Return `run` with a closure over `stamp`.

    numba looks at this file alone when it asks whether what it kept is still true, but at closures too; so the stamp
    of all sources is in one.
    """

    def run(
        market: Market,
        wishes: Wishes,
        terms: Terms,
        states: FloatArray,
        cash: float,
        equity: FloatArray,
        trades: FloatArray,
        scratch: IntArray,
    ) -> tuple[float, int, int]:
        assert stamp >= 0
        return portfolio.run(market, wishes, terms, states, cash, equity, trades, scratch)

    return run
