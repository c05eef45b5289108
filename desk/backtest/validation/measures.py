"""Every figure of a backtest under a name, so that any of them can be what is looked for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import timedelta
from functools import cache
from math import isfinite
from typing import get_args, get_type_hints

from desk.backtest.metrics import Figures
from desk.errors import DataError

_LESS_IS_BETTER = {"costs", "cost_share", "losses", "lost", "longest_losses", "gross_loss", "volatility"}


def figures_by_name(figures: Figures) -> dict[str, float | None]:
    """Return every figure that is a number, such as `returns.sharpe` or `trades.win_rate.low`; lengths in seconds."""
    return dict(_leaves(asdict(figures), ""))


@cache
def figure_names() -> tuple[str, ...]:
    """Return the names of all figures that are numbers, in the order of the report."""
    return tuple(_names(Figures, ""))


@dataclass(frozen=True, slots=True)
class Objective:
    """What makes one run better than another.

    Attributes:
        figure: its name, see `figures_by_name`.
        lowest: whether less of it is better.
        least_trades: a run with fewer closed trades does not count, whatever it brought.
    """

    figure: str
    lowest: bool = False
    least_trades: int = 0

    def value(self, figures: Mapping[str, float | None]) -> float | None:
        """Return how good a run is, more is better; None where it does not count."""
        found, trades = figures.get(self.figure), figures.get("trades.trades")
        if found is None or (trades or 0) < self.least_trades:
            return None
        return -found if self.lowest else found


def objective_of(word: str, *, least_trades: int = 0) -> Objective:
    """Return the objective of a figure's name, or of its last part where no other figure has that.

    Drawdowns, costs and their like are better the lower they are.

    Raises:
        DataError: there is no such figure, or there are several.
    """
    found = [name for name in figure_names() if word in (name, name.rpartition(".")[2])]
    chosen = [name for name in found if name == word] or found
    if len(chosen) != 1:
        raise DataError(f"expected a figure of a backtest, found '{word}'; {_told(chosen)}")
    name = chosen[0]
    lowest = name.startswith("drawdown.") or name.rpartition(".")[2] in _LESS_IS_BETTER
    return Objective(name, lowest, least_trades)


def _told(chosen: Collection[str]) -> str:
    return f"it may be {' or '.join(chosen)}" if chosen else f"there are {', '.join(figure_names())}"


def _names(kind: type[object], path: str) -> Iterator[str]:
    assert is_dataclass(kind), kind
    hints = get_type_hints(kind)
    for field in fields(kind):
        name = f"{path}.{field.name}" if path else field.name
        options = get_args(hints[field.name]) or (hints[field.name],)
        for option in options:
            if isinstance(option, type) and is_dataclass(option):
                yield from _names(option, name)
        if {int, float, timedelta} & set(options):
            yield name


def _leaves(value: object, name: str) -> Iterator[tuple[str, float | None]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, f"{name}.{key}" if name else str(key))
    elif isinstance(value, timedelta):
        yield name, value.total_seconds()
    elif value is None or isinstance(value, int | float):
        yield name, float(value) if value is not None and isfinite(value) else None
