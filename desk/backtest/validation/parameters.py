"""The parameters of an account's strategies as a space to search: their names, their ranges, points drawn in it.

A parameter is named `strategy.parameter`; `policy.entry_score` and `policy.exit_score` are the thresholds of the
account itself. What a range may be is told by the plug-in's own field.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

import numpy as np

from desk.decide import Policy, WeightedStrategy
from desk.errors import ConfigError
from desk.plugin import Strategy
from desk.registry import nearest

Value: TypeAlias = int | float
Point: TypeAlias = Mapping[str, Value]
"""A value for each of some parameters."""

POLICY = "policy"
_SCORES = {"entry_score": (0.01, 1.0), "exit_score": (0.0, 1.0)}
_ROUNDED = 4
_SAME_STEP = 1e-6
_DRAWS_A_POINT = 200


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a parameter may take.

    Attributes:
        low, high: both included.
        step: between neighbours; None for any number between the two.
        whole: whether only whole numbers are meant.
    """

    low: float
    high: float
    step: float | None = None
    whole: bool = False

    def value_at(self, place: float) -> Value:
        """Return the value at a place from 0 to 1; of whole numbers and steps each is as likely as any other."""
        if self.step is None and not self.whole:
            return round(self.low + place * (self.high - self.low), _ROUNDED + _digits(self.high - self.low))
        step = self.step or 1.0
        count = int((self.high - self.low) / step + 1e-9) + 1
        found = round(self.low + min(int(place * count), count - 1) * step, 10)
        return round(found) if self.whole else found

    @property
    def last(self) -> float:
        """The highest value that steps from the lowest lead to."""
        step = self.step or (1.0 if self.whole else None)
        return self.high if step is None else round(self.low + int((self.high - self.low) / step + 1e-9) * step, 10)

    def contains(self, value: float) -> bool:
        """Return whether a value can be drawn."""
        step = self.step or (1.0 if self.whole else None)
        steps = 0.0 if step is None else (value - self.low) / step
        return self.low <= value <= self.high and abs(steps - round(steps)) < _SAME_STEP

    def neighbours(self, value: float, *, share: float = 0.1) -> tuple[Value, ...]:
        """Return the values a step below and above; without a step, a share of the range, or 1 of whole numbers."""
        step = self.step or share * (self.high - self.low)
        step = max(1.0, round(step)) if self.whole else step
        around = (min(max(value + sign * step, self.low), self.high) for sign in (-1, 1))
        found = (round(one) if self.whole else round(one, 10) for one in around)
        return tuple(one for one in found if one != value)


Space: TypeAlias = Mapping[str, Range]


def usual_space(policy: Policy) -> Space:
    """Return half to double of every number that the strategies of an account have, within what each may be."""
    return {name: _usual(limits, value) for name, limits, value in _numbers(policy)}


def space_of(policy: Policy, words: Iterable[str]) -> Space:
    """Return the ranges that were asked for, such as `breakout.entry_position=0.6:0.9:0.1` or `breakout.period`.

    A name alone means half to double of what it is now; `name=low:high` and `name=low:high:step` say the range.

    Raises:
        ConfigError: a parameter is not one of the account's numbers, or its range is not within what it may be.
    """
    known = {name: (limits, value) for name, limits, value in _numbers(policy)}
    found = {}
    for word in words:
        name, _, told = word.partition("=")
        if name not in known:
            raise ConfigError(f"expected a number of the account's strategies, found '{name}'; {nearest(name, known)}")
        limits, value = known[name]
        found[name] = _told(word, told, limits) if told else _usual(limits, value)
    return found


def present_point(policy: Policy, space: Space) -> Point:
    """Return the values that the account has now."""
    now = {name: value for name, _, value in _numbers(policy)}
    return {name: now[name] for name in space}


def with_parameters(policy: Policy, point: Point) -> Policy:
    """Return the policy with other parameters.

    Raises:
        ValueError: the values do not go together, or one is out of its range; pydantic's error is one.
    """
    return replace(
        policy,
        strategies=tuple(_changed(one, point) for one in policy.strategies),
        entry_score=_number(point, f"{POLICY}.entry_score", policy.entry_score),
        exit_score=_number(point, f"{POLICY}.exit_score", policy.exit_score),
    )


def points_of(policy: Policy, space: Space, count: int, *, seed: int) -> tuple[Point, ...]:
    """Return the present point and others, spread evenly over each range and apart from that at random.

    Fewer come back where the space has no more that go together. The spread is a Latin hypercube: of `count` points
    each has another part of every range (McKay, Beckman and Conover, *Technometrics*, 1979).
    """
    random = np.random.default_rng(seed)
    found = [present_point(policy, space)]
    for _ in range(_DRAWS_A_POINT):
        for point in _hypercube(space, count, random):
            if len(found) < count and point not in found and _go_together(policy, point):
                found.append(point)
        if len(found) >= count or not space:
            break
    return tuple(found[:count])


def grid_of(policy: Policy, space: Space) -> tuple[Point, ...]:
    """Return every combination of values whose range has steps or is of whole numbers, those that go together.

    Raises:
        ConfigError: a range has neither.
    """
    points: list[Point] = [{}]
    for name, limits in space.items():
        if limits.step is None and not limits.whole:
            raise ConfigError(f"{name}: expected a range with steps such as {name}={limits.low:g}:{limits.high:g}:0.1")
        step = limits.step or 1.0
        count = int((limits.high - limits.low) / step + 1e-9) + 1
        values = [limits.value_at((place + 0.5) / count) for place in range(count)]
        points = [{**point, name: value} for point in points for value in values]
    return tuple(point for point in points if _go_together(policy, point))


def _hypercube(space: Space, count: int, random: np.random.Generator) -> Iterator[Point]:
    places = {name: (random.permutation(count) + random.uniform(0, 1, count)) / count for name in space}
    for row in range(count):
        yield {name: limits.value_at(float(places[name][row])) for name, limits in space.items()}


def _number(point: Point, name: str, usual: float) -> float:
    return float(point.get(name, usual))


def _go_together(policy: Policy, point: Point) -> bool:
    try:
        with_parameters(policy, point)
    except ValueError:
        return False
    return True


def _changed(weighted: WeightedStrategy, point: Point) -> WeightedStrategy:
    strategy = weighted.strategy
    own = {key: point[f"{strategy.name}.{key}"] for key in type(strategy).model_fields if _is_in(strategy, key, point)}
    if not own:
        return weighted
    return replace(weighted, strategy=type(strategy).model_validate({**strategy.model_dump(), **own}))


def _is_in(strategy: Strategy, key: str, point: Point) -> bool:
    return f"{strategy.name}.{key}" in point


def _numbers(policy: Policy) -> Iterator[tuple[str, Range, float]]:
    """Every number that may be changed: its name, what it may be, what it is."""
    for weighted in policy.strategies:
        strategy = weighted.strategy
        properties = type(strategy).model_json_schema()["properties"]
        for key, value in strategy:
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield f"{strategy.name}.{key}", _limits(properties[key], value), value
    for name, (low, high) in _SCORES.items():
        yield f"{POLICY}.{name}", Range(low, high), getattr(policy, name)


def _limits(schema: Mapping[str, object], value: float) -> Range:
    """What a field may be; where it does not say so, ten times what it is."""
    low = schema.get("minimum", schema.get("exclusiveMinimum", min(0.0, 10 * value)))
    high = schema.get("maximum", schema.get("exclusiveMaximum", max(1.0, 10 * abs(value))))
    return Range(float(cast(float, low)), float(cast(float, high)), whole=isinstance(value, int))


def _usual(limits: Range, value: float) -> Range:
    low, high = sorted((value / 2, value * 2))
    if limits.whole:
        low, high = round(low), round(high)
    return replace(limits, low=max(low, limits.low), high=max(min(high, limits.high), max(low, limits.low)))


def _told(word: str, told: str, limits: Range) -> Range:
    try:
        numbers: Sequence[float] = [float(part) for part in told.split(":")]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3) or numbers[0] > numbers[1] or any(step <= 0 for step in numbers[2:]):
        raise ConfigError(f"expected NAME=LOW:HIGH or NAME=LOW:HIGH:STEP with LOW below HIGH, found '{word}'")
    if not limits.low <= numbers[0] <= numbers[1] <= limits.high:
        raise ConfigError(f"{word}: expected values from {limits.low:g} to {limits.high:g}")
    return replace(limits, low=numbers[0], high=numbers[1], step=numbers[2] if len(numbers) == 3 else None)


def _digits(width: float) -> int:
    return max(0, -int(np.floor(np.log10(width)))) if width > 0 else 0
