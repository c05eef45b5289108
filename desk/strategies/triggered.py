"""Act on triggers by rules: what has happened in the market, and which trade follows from it."""

from collections.abc import Iterator

import numpy as np
from pydantic import Field

from desk.indicators.scoring import from_warm_up, wilder_settles
from desk.indicators.volatility import above_noise, atr
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.views import Plan
from desk.plugin import Strategy
from desk.universe.triggers import AnyTrigger, NewExtreme, PriceMove, Rule, VolumeSurge

_USUAL = (
    Rule(when=(PriceMove(kind="price_move", candles=12, atr=3.0), VolumeSurge(kind="volume_surge", multiple=2.0))),
    Rule(when=(NewExtreme(kind="new_extreme"),), size=0.5),
)


class Triggered(Strategy):
    """Trade what a rule says when its triggers fire: a large move, a surge of volume, a new high or low.

    It believes nothing of its own: each rule names the triggers that must all point one way, and the side, size,
    conviction and barriers of the trade that follows. The first rule that fires decides; on all other candles there is
    no opinion, so that a position ends at its barriers, its time limit, or by a rule that points against it. It earns
    when what set off the triggers goes on (with), or was too much (against). The rules of a universe are this strategy.

    Source: Kaufman, *Trading Systems and Methods*, 6th edition, 2020, chapters on event-driven trends and on volume.
    """

    rules: tuple[Rule, ...] = Field(
        default=_USUAL, min_length=1, max_length=20, description="The rules, the most important first."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")

    def meaning(self, feature: str) -> str:
        if feature == "atr":
            return "Usual range of a candle (average true range), in price."
        return next((f"What rule {n} measures: {one}." for name, n, one in self._named() if name == feature), "")

    @property
    def warm_up(self) -> int:
        return max(wilder_settles(self.atr_period), *(rule.warm_up for rule in self.rules))

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        unit = above_noise(atr(candles.high, candles.low, candles.close, self.atr_period), candles.close)
        scores = np.stack([rule.score(candles, unit) for rule in self.rules])
        fires = scores != 0
        first = fires.argmax(axis=0)
        rows = np.arange(len(candles))
        stop, target = (np.array([getattr(rule, name) for rule in self.rules]) for name in ("stop_atr", "target_atr"))
        features = {name: trigger.measure(candles, unit) for name, _, trigger in self._named()}
        return Scores(
            score=from_warm_up(scores[first, rows], self.warm_up),
            stop=from_warm_up(stop[first] * unit, self.warm_up),
            target=from_warm_up(target[first] * unit, self.warm_up),
            features={**features, "atr": unit},
            plans=tuple(Plan(str(rule), rule.size) for rule in self.rules),
            followed=np.where(fires.any(axis=0), first, -1),
        )

    def _named(self) -> Iterator[tuple[str, int, AnyTrigger]]:
        """Every trigger with the name of what it measures and the number of its rule."""
        for number, rule in enumerate(self.rules, start=1):
            yield from ((f"{trigger.kind}_{number}", number, trigger) for trigger in rule.when)
