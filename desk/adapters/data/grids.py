"""The grid of prices and quantities that a recording says of its instrument, and how it is written down."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal

from desk.errors import ConfigError
from desk.model.instrument import Instrument, InstrumentKind


@dataclass(frozen=True, slots=True)
class Grid:
    """What `Instrument` has besides its name and its kind, which a recording says elsewhere.

    Raises:
        ConfigError: a step or a minimum that nothing can be.
    """

    tick: Decimal
    lot: Decimal
    minimum_quantity: Decimal
    minimum_notional: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not value.is_finite() or value < 0 or (value == 0 and name in ("tick", "lot")):
                least = "above 0" if name in ("tick", "lot") else "of 0 or more"
                raise ConfigError(f"{name}: expected an amount {least}, found {value}")

    def instrument(self, name: str, kind: InstrumentKind) -> Instrument:
        """Return the whole instrument."""
        return Instrument(name, kind, self.tick, self.lot, self.minimum_quantity, self.minimum_notional)

    def written(self) -> dict[str, str]:
        """Return the grid as text to the last digit; `grid_from` reads it."""
        return {name: f"{value:f}" for name, value in asdict(self).items()}


def grid_of(instrument: Instrument) -> Grid:
    """Return the grid of an instrument."""
    return Grid(instrument.tick, instrument.lot, instrument.minimum_quantity, instrument.minimum_notional)


def grid_from(written: Mapping[str, str]) -> Grid:
    """Return what `Grid.written` gave.

    Raises:
        LookupError: something is missing.
        ArithmeticError: something is no number.
        ConfigError: it is one that cannot be.
    """
    return Grid(**{name: Decimal(written[name]) for name in Grid.__dataclass_fields__})
