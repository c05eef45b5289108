"""Every figure of a backtest under a name, so that any of them can be what is looked for."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import isfinite

from desk.backtest.metrics import Figures
from desk.errors import DataError

_LESS_IS_BETTER = ("drawdown.", ".costs", ".cost_share", ".losses", ".longest_losses", ".volatility", ".ulcer_index")


def figures_by_name(figures: Figures) -> dict[str, float | None]:
    """Return every figure that is a number, such as `returns.sharpe` or `trades.win_rate.low`; lengths in seconds."""
    return dict(_leaves(asdict(figures), ""))


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


def objective_of(word: str, names: Mapping[str, object], *, least_trades: int = 0) -> Objective:
    """Return the objective of a figure's name, or of its last part where no other figure has that.

    Drawdowns, costs and their like are better the lower they are.

    Args:
        names: of all figures.

    Raises:
        DataError: there is no such figure, or there are several.
    """
    found = [name for name in names if word in (name, name.rpartition(".")[2])]
    chosen = [name for name in found if name == word] or found
    if len(chosen) != 1:
        known = ", ".join(sorted(chosen or names))
        raise DataError(f"expected one figure of a backtest, found '{word}', which is {len(chosen)} of: {known}")
    lowest = any(part in f".{chosen[0]}" or chosen[0].startswith(part) for part in _LESS_IS_BETTER)
    return Objective(chosen[0], lowest, least_trades)


def _leaves(value: object, name: str) -> Iterator[tuple[str, float | None]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, f"{name}.{key}" if name else str(key))
    elif isinstance(value, timedelta):
        yield name, value.total_seconds()
    elif value is None or isinstance(value, int | float):
        yield name, float(value) if value is not None and isfinite(value) else None
