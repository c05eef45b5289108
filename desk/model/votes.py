"""How the opinions of several strategies became one score."""

from dataclasses import dataclass

from desk.model.regimes import Regime


@dataclass(frozen=True, slots=True)
class Voice:
    """One strategy's opinion and what it counts.

    Attributes:
        score: in [-1, 1], not 0.
        weight: of the strategy in its account.
        regime_weight: of the strategy in the regime that there is; 0 leaves it out.
        record_weight: by what its closed trades brought.
    """

    strategy: str
    score: float
    weight: float
    regime_weight: float = 1.0
    record_weight: float = 1.0

    @property
    def counts(self) -> float:
        """The product of all weights."""
        return self.weight * self.regime_weight * self.record_weight

    @property
    def product(self) -> float:
        """What it adds to the sum."""
        return self.counts * self.score

    @property
    def is_plain(self) -> bool:
        """Whether only the strategy's own weight counts."""
        return self.regime_weight == self.record_weight == 1


@dataclass(frozen=True, slots=True)
class Vote:
    """The weighted mean of the opinions of an instrument.

    Attributes:
        voices: of the strategies that have an opinion, those that are left out among them.
        regime: that the weights are of; None where it plays no part.
    """

    voices: tuple[Voice, ...]
    regime: Regime | None = None

    @property
    def heard(self) -> tuple[Voice, ...]:
        """The voices that are not left out."""
        return tuple(voice for voice in self.voices if voice.counts > 0)

    @property
    def score(self) -> float:
        """In [-1, 1]; 0 where none is heard."""
        heard = self.heard
        if not heard:
            return 0.0
        return sum(voice.product for voice in heard) / sum(voice.counts for voice in heard)

    @property
    def is_plain(self) -> bool:
        """Whether a single strategy spoke, and nothing but its own weight counted."""
        return len(self.voices) <= 1 and all(voice.is_plain for voice in self.voices)

    def __str__(self) -> str:
        """The whole arithmetic: each voice with its weights and its product, then their sum over the weights."""
        told = [self._told(voice) for voice in self.voices]
        if heard := self.heard:
            total, weights = sum(voice.product for voice in heard), sum(voice.counts for voice in heard)
            told.append(f"together {total:+.3f} / {weights:.3f} = {self.score:+.2f}")
        return "; ".join(told)

    def _told(self, voice: Voice) -> str:
        regime = f" in {self.regime}" if self.regime else ""
        if voice.counts == 0:
            return f"{voice.strategy} {voice.score:+.2f} left out{regime}"
        factors = [f"{voice.strategy} {voice.score:+.2f}", f"{voice.weight:g}"]
        if not voice.is_plain:
            factors += [f"{voice.regime_weight:g}{regime}", f"{voice.record_weight:.2f} by its record"]
        return f"{' x '.join(factors)} = {voice.product:+.3f}"
