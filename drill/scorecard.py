"""What a drill came to: a row for each venue, and for each fault how often it hit, and where."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from drill.judging import Violation, Wrong
from drill.matrix import MATRIX, FaultKind
from drill.season import FAULTS, Harvest

_SHOWN = 20
"""Violations that are printed; all of them are in the JSON."""


@dataclass(slots=True)
class Card:
    """The sum of a venue's seasons.

    Attributes:
        accounts: that were drilled.
        keeps_stops: whether the venue holds stops; where not, nothing is said of protection.
        asked: cycles that were asked for.
    """

    venue: str
    accounts: tuple[str, ...]
    keeps_stops: bool = True
    asked: int = 0
    seasons: int = 0
    total: Harvest = field(default_factory=Harvest)

    def add(self, harvest: Harvest) -> None:
        """Take in a season."""
        total = self.total
        self.seasons += 1
        for name in ("cycles", "orders", "fills", "kills", "failures", "messages", "seconds"):
            setattr(total, name, getattr(total, name) + getattr(harvest, name))
        total.unprotected = max(total.unprotected, harvest.unprotected)
        total.hits.by_step.update(harvest.hits.by_step)
        total.violations.extend(harvest.violations)

    @property
    def is_over(self) -> bool:
        """Whether everything that was asked for is done."""
        return self.total.cycles >= self.asked

    def count(self, *wrongs: Wrong) -> int:
        """Return how many violations there are of some kinds, of all without."""
        return sum(not wrongs or one.wrong in wrongs for one in self.total.violations)

    def row(self) -> dict[str, object]:
        """Return the figures by name."""
        total = self.total
        return {
            "venue": self.venue,
            "cycles": total.cycles,
            "orders": total.orders,
            "fills": total.fills,
            "faults hit": total.hits.by_step.total(),
            "kills recovered": total.kills,
            "duplicates": self.count(Wrong.DUPLICATE, Wrong.NOT_PLANNED),
            "lost orders": self.count(Wrong.LOST_ORDER, Wrong.LEFT_OPEN),
            "lost fills": self.count(Wrong.LOST_FILL, Wrong.FALSE_FILL),
            "positions and cash apart": self.count(Wrong.POSITION, Wrong.CASH),
            "longest unprotected": _seconds(total.unprotected) if self.keeps_stops else "the desk keeps the stops",
            "other": self.count(Wrong.UNPROTECTED, Wrong.HALTED, Wrong.FOREIGN, Wrong.ERROR),
        }


@dataclass(frozen=True, slots=True)
class Covered:
    """What a drill did about one fault.

    Attributes:
        steps: how often it hit, by step.
    """

    fault: FaultKind
    steps: Counter[str]

    @property
    def told(self) -> str:
        """The same for people."""
        if self.steps:
            where = ", ".join(f"{step} {count}" for step, count in sorted(self.steps.items(), key=_by_number))
            return f"{self.steps.total()} times: {where}"
        if self.fault.number in FAULTS:
            return "not hit"
        return f"not here: tested by {self.fault.elsewhere}" if self.fault.elsewhere else "not here, and not yet"


def coverage(cards: Sequence[Card]) -> tuple[Covered, ...]:
    """Return what became of every fault of the matrix."""
    hits: Counter[tuple[str, str]] = Counter()
    for card in cards:
        hits.update(card.total.hits.by_step)
    return tuple(
        Covered(fault, Counter({step: count for (number, step), count in hits.items() if number == fault.number}))
        for fault in MATRIX
    )


def lines(cards: Sequence[Card], *, seed: str) -> Iterator[str]:
    """Yield the scorecard as text."""
    for card in cards:
        yield f"{card.venue}: {', '.join(card.accounts)}"
        yield from (f"  {name}: {value}" for name, value in card.row().items() if name != "venue")
        yield f"  {card.seasons} seasons in {card.total.seconds:.0f} s, {_pace(card):.0f} ms a cycle"
        if not card.is_over:
            yield f"  ended early: {card.asked} cycles were asked for"
        yield ""
    yield "Faults"
    yield from (f"  {one.fault.number} {one.fault.what}: {one.told}" for one in coverage(cards))
    yield ""
    found = [violation for card in cards for violation in card.total.violations]
    yield from (f"! {violation}" for violation in found[:_SHOWN])
    yield f"{len(found)} violations; seed {seed}"


def tell(card: Card, season: Harvest) -> None:
    """Say on standard error how far a venue is, and what its newest season found: a drill takes minutes, or hours."""
    sys.stderr.writelines(f"! {violation}\n" for violation in season.violations)
    sys.stderr.write(f"{card.venue}: {card.total.cycles} of {card.asked} cycles, {card.count()} violations\n")


def is_passed(cards: Sequence[Card]) -> bool:
    """Whether everything that was asked for was done, and nothing was found."""
    return all(card.is_over for card in cards) and not violations(cards)


def violations(cards: Sequence[Card]) -> list[Violation]:
    """Return everything that must not be."""
    return [violation for card in cards for violation in card.total.violations]


def _pace(card: Card) -> float:
    return 1_000 * card.total.seconds / max(1, card.total.cycles)


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():.1f} s"


def _by_number(item: tuple[str, int]) -> int:
    return int(item[0][1:])
