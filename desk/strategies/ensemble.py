"""Let several strategies speak with one voice."""

from collections.abc import Mapping
from functools import cached_property
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_serializer, model_validator

from desk.errors import ConfigError
from desk.indicators.scoring import from_warm_up, known, ramp
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy
from desk.registry import strategies

_HEARD = 0.2
"""Score from which a member counts fully as being of that side."""


class Member(BaseModel):
    """A strategy of an ensemble."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(description="A strategy.")
    weight: float = Field(default=1.0, gt=0, le=1000, description="How much its score counts beside the others'.")
    parameters: Mapping[str, object] = Field(default_factory=dict, description="What differs from its defaults.")

    @cached_property
    def strategy(self) -> Strategy:
        """The strategy itself."""
        return strategies().build(self.name, self.parameters)

    @field_serializer("name")
    def _present_name(self, _: str) -> str:
        return self.strategy.name

    @field_serializer("parameters")
    def _complete(self, _: Mapping[str, object]) -> dict[str, object]:
        # What is written into the ledger says all that was decided with, also what was left at its default.
        return self.strategy.model_dump()

    def __str__(self) -> str:
        return self.name if self.weight == 1 else f"{self.weight:g} {self.name}"


class Ensemble(Strategy):
    """Take the side that several strategies take, each counting by its weight and by how sure it is.

    It believes that errors of different views cancel out and what they share remains. Each member's score counts by its
    weight and its own size, so that one that is silent takes nothing away from the others; the opinion is full only
    when enough of the weight is on the same side. Stop and target are the weighted means of the members'. It earns
    when its members are right for different reasons, and adds nothing to members that are alike. The strategies of an
    account are combined too, but each on its own; an ensemble is one of them.

    Source: Bates and Granger, *The Combination of Forecasts*, Operational Research Quarterly 20, 1969; Timmermann,
    *Forecast Combinations*, Handbook of Economic Forecasting 1, 2006.
    """

    members: tuple[Member, ...] = Field(
        default=(Member(name="momentum_trading"), Member(name="breakout"), Member(name="mean_reversion")),
        min_length=1,
        max_length=12,
        description="The strategies: each with a name, and a weight and parameters where they are not usual.",
    )
    quorum: float = Field(
        default=0.3, gt=0, le=1, description="Part of the whole weight that must agree for a full opinion."
    )

    @model_validator(mode="after")
    def _check_members(self) -> Self:
        for member in self.members:
            if strategies().present_name(member.name) == self.name:
                raise ValueError(f"expected members other than '{self.name}', found '{member.name}'")
            try:
                member.strategy  # noqa: B018 - it is built here, so that a mistake is told when it is read
            except ConfigError as error:
                raise ValueError(f"members: {error}") from error
        return self

    def meaning(self, feature: str) -> str:
        if feature == "agreement":
            return "Part of the weight that agrees with the score, 0 to 1."
        return "Score of this member, -1 for short to 1 for long."

    @property
    def reads(self) -> tuple[Timeframe, ...]:
        return tuple(dict.fromkeys(timeframe for member in self.members for timeframe in member.strategy.reads))

    @property
    def reads_series(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for member in self.members for name in member.strategy.reads_series))

    @property
    def warm_up(self) -> int:
        return max(member.strategy.warm_up for member in self.members)

    def evaluate(self, market: Market) -> Scores:
        answers = [member.strategy.evaluate(market) for member in self.members]
        weights = np.array([[member.weight] for member in self.members]) / sum(one.weight for one in self.members)
        voices = known(np.stack([answer.score for answer in answers]))
        score = _weighed(voices, weights)
        agreement = (weights * ramp(voices * np.sign(score), 0, _HEARD)).sum(axis=0)
        stop, target = (
            (weights * np.stack([getattr(answer, name) for answer in answers])).sum(axis=0)
            for name in ("stop", "target")
        )
        return Scores(
            score=from_warm_up(score * ramp(agreement, 0, self.quorum), self.warm_up),
            stop=from_warm_up(stop, self.warm_up),
            target=from_warm_up(target, self.warm_up),
            features={"agreement": agreement, **self._named(answers)},
        )

    def _named(self, answers: list[Scores]) -> dict[str, FloatArray]:
        """The members' scores by name; a name that is there twice is numbered."""
        names = [member.strategy.name for member in self.members]
        unique = [f"{name}_{row}" if names.count(name) > 1 else name for row, name in enumerate(names, start=1)]
        return {name: answer.score for name, answer in zip(unique, answers, strict=True)}


def _weighed(voices: FloatArray, weights: FloatArray) -> FloatArray:
    """The mean of the scores, each by its weight and its own size: a silent voice takes nothing away from it."""
    loudness = weights * np.abs(voices)
    total = loudness.sum(axis=0)
    mean: FloatArray = (loudness * voices).sum(axis=0) / np.where(total == 0, 1.0, total)
    return mean
