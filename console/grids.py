"""The grid of an instrument on the command line: as it is typed, and as it is told."""

from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation

from console.failures import NotUnderstood
from desk.adapters.data.grids import Grid
from desk.errors import ConfigError

_TOGETHER = ("tick", "lot", "minimum_quantity")


@dataclass(frozen=True, slots=True)
class TypedGrid:
    """What was typed of a grid; None where nothing was."""

    tick: str | None = None
    lot: str | None = None
    minimum_quantity: str | None = None
    minimum_notional: str | None = None


def parse_grid(typed: TypedGrid) -> Grid | None:
    """Return the grid that was typed; None where nothing was.

    Raises:
        NotUnderstood: an option is no amount that can be, or a grid is not whole.
    """
    given = {name: _amount(name, word) for name, word in asdict(typed).items() if word is not None}
    if not given:
        return None
    missing = [_option(name) for name in _TOGETHER if name not in given]
    if missing:
        raise NotUnderstood(
            f"expected {', '.join(map(_option, _TOGETHER))} together, found no {' and no '.join(missing)}"
        )
    try:
        return Grid(**given)
    except ConfigError as error:
        raise NotUnderstood(f"{error}") from error


def tell_grid(grid: Grid) -> str:
    """Return a grid for people: `tick 0.00001, lot 1, smallest order 1`, with its smallest value where it has one."""
    told = grid.written()
    value = f" and {told['minimum_notional']} in quote currency" if grid.minimum_notional else ""
    return f"tick {told['tick']}, lot {told['lot']}, smallest order {told['minimum_quantity']}{value}"


def _amount(name: str, word: str) -> Decimal:
    try:
        return Decimal(word)
    except InvalidOperation:
        raise NotUnderstood(f"{_option(name)}: expected an amount such as 0.01, found '{word}'") from None


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
