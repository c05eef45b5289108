"""How a simulation enters, sizes, protects and leaves positions: everything that is the same for all of its candles."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from math import inf

from desk.errors import ConfigError


class Conventions(StrEnum):
    """What is assumed about the way of the price inside a candle, and what fractions are of.

    DESK (each rule is the one that costs more where a candle does not tell):
        * At the open: time exit and exit signal, at the open's price. Inside: the stop before every gain.
        * A stop that the open is already beyond fills at the open, and so does a gain, which a limit order makes.
        * A stop that follows the price moves when a candle ends, and is valid from the next.
        * In the candle in which a limit entry was filled below (above) its open no gain is taken: the high may have
          been before. The stop is.
        * Distances are price distances, before fees. A position may be turned at one open.
        * Orders of entry end with an exit signal of their side or an entry signal of the other.

    FREQTRADE (what freqtrade's backtesting does, so that its results can be compared):
        * Exit signal, then the stop as it was set, then the ladder, then a stop that has moved.
        * The stop moves by the candle's best price before it is looked at, unless the candle has reached it. Where it
          moved and was hit within the candle of entry, it fills at a pessimistic price.
        * Distances, gains and rungs are profit ratios of the margin, so that a price has to go the leverage's part of
          them; a ladder's and those of a trailing stop's activation are after fees, rounded to 8 decimals.
        * A limit entry is cut to the candle in which it is placed, and fills at its price. An exit order that waits
          keeps every other exit away.
        * No entry on the last candle, and none in the candle of an exit. What is left is closed at the last open.
        * Break-even, partial exits, a time exit and liquidation are not part of it.
    """

    DESK = "desk"
    FREQTRADE = "freqtrade"


class Distance(StrEnum):
    """What a distance of 1 means."""

    PRICE = "price"
    """One unit of the quote currency."""
    FRACTION = "fraction"
    """The entry price itself, so that 0.02 are 2 % of it; of a trailing stop, the price that it follows."""
    UNIT = "unit"
    """`Signals.unit` of the row, for example an average true range."""


class SizedBy(StrEnum):
    """What the size of an entry is."""

    EQUITY = "equity"
    """Notional as a fraction of the equity at the close before."""
    NOTIONAL = "notional"
    """A fixed notional, in quote currency."""
    QUANTITY = "quantity"
    """`Signals.quantity` of the row times this number, in base units."""


class AtEnd(StrEnum):
    """What happens to positions that are open when an instrument's candles end."""

    KEEP = "keep"
    CLOSE = "close"
    """At the last close (FREQTRADE: at the last open), as a market order."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """How much an entry buys or sells: `amount` of what `by` says."""

    by: SizedBy
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class Trailing:
    """A stop that follows the best price and never goes back.

    Attributes:
        distance: how far behind.
        activation: the gain from which on it follows at `distance`.
        before: at which distance it follows until then; None leaves the stop where it is.
    """

    distance: float
    activation: float = 0.0
    before: float | None = None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Once the gain was `gain`, the stop is at least `lock` beyond the entry price."""

    gain: float
    lock: float = 0.0


@dataclass(frozen=True, slots=True)
class Rung:
    """From this age of a position on its target is `gain`; a negative one takes a loss that small."""

    age: timedelta
    gain: float


@dataclass(frozen=True, slots=True)
class Part:
    """At `gain` this fraction of the position's first quantity is closed."""

    gain: float
    fraction: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The terms of a simulation.

    Attributes:
        cash: what the account begins with, in the quote currency that all of its instruments share.
        fee: fraction of each fill's notional.
        slippage: fraction of the price by which market orders and stops fill worse.
        leverage: notional over margin; each position has a margin of its own.
        maintenance: the margin, as a fraction of the entry's notional, at which a position is liquidated; None: never.
        distance: what every distance and gain here and in the signals is measured in.
        ladder: rungs by age, youngest first; beside a target of the signals the nearer one counts.
        parts: partial exits, nearest first; fractions add up to 1 at most.
        time_exit: the age at which a position is closed at the next open.
        entry_timeout: the age at which a limit entry that waits is withdrawn; None lets it wait.
        exit_timeout: the same for a limit exit.

    Raises:
        ConfigError: a value is out of its range, or not part of the conventions.
    """

    cash: float
    sizing: Sizing
    fee: float = 0.0
    slippage: float = 0.0
    leverage: float = 1.0
    maintenance: float | None = None
    distance: Distance = Distance.PRICE
    trailing: Trailing | None = None
    break_even: BreakEven | None = None
    ladder: tuple[Rung, ...] = ()
    parts: tuple[Part, ...] = ()
    time_exit: timedelta | None = None
    entry_timeout: timedelta | None = None
    exit_timeout: timedelta | None = None
    at_end: AtEnd = AtEnd.KEEP
    conventions: Conventions = Conventions.DESK

    def __post_init__(self) -> None:
        for name, fits, expected in (*self._ranges(), *self._orders(), *self._limits_of_conventions()):
            if not fits:
                raise ConfigError(f"rules of a simulation: {name} must be {expected}; found {getattr(self, name)}")

    def _ranges(self) -> Iterable[tuple[str, bool, str]]:
        spans = (self.time_exit, self.entry_timeout, self.exit_timeout)
        yield "cash", 0 < self.cash < inf, "a positive amount"
        yield "sizing", 0 < self.sizing.amount < inf, "a positive amount"
        yield "fee", 0 <= self.fee < 1, "a fraction from 0 to below 1"
        yield "slippage", 0 <= self.slippage < 1, "a fraction from 0 to below 1"
        yield "leverage", 0 < self.leverage < inf, "a positive number"
        kept = 0.0 if self.maintenance is None else self.maintenance
        yield "maintenance", kept >= 0 and kept * self.leverage < 1, "from 0 to below the margin, which is 1 / leverage"
        for name, span in zip(("time_exit", "entry_timeout", "exit_timeout"), spans, strict=True):
            yield name, span is None or span > timedelta(0), "a positive duration or nothing"

    def _orders(self) -> Iterable[tuple[str, bool, str]]:
        follows = self.trailing is None or (self.trailing.distance > 0 and self.trailing.activation >= 0)
        yield "trailing", follows, "a positive distance with an activation of 0 or more"
        rising = all(younger.age < older.age for younger, older in pairwise(self.ladder))
        yield "ladder", rising, "rungs of rising age"
        gains = all(nearer.gain < farther.gain for nearer, farther in pairwise(self.parts))
        whole = all(part.fraction > 0 for part in self.parts) and sum(part.fraction for part in self.parts) <= 1 + 1e-9
        yield "parts", gains and whole, "parts of rising gain whose fractions add up to 1 at most"

    def _limits_of_conventions(self) -> Iterable[tuple[str, bool, str]]:
        if self.conventions == Conventions.FREQTRADE:
            yield "distance", self.distance == Distance.FRACTION, f"{Distance.FRACTION} in freqtrade's conventions"
            for name in ("break_even", "parts", "time_exit", "maintenance"):
                yield name, not getattr(self, name), "left out in freqtrade's conventions"
