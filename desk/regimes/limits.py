"""From where on a market counts as trending, wild or crashing, and from where on no more."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegimeLimits:
    """Each pair of thresholds leaves a gap, so that a value which hovers at one does not change the regime.

    Attributes:
        trend_period: candles whose way is looked at.
        trend_enter, trend_exit: efficiency of that way, 0 to 1, at which a trend begins and ends.
        volatility_period: candles in the true range of now.
        usual_period: candles in the usual true range; the longest memory of all.
        volatility_enter, volatility_exit: true range as a multiple of the usual, at which it is high and no more.
        crash_period: candles from whose highest price a fall is measured.
        crash_enter, crash_exit: that fall, in true ranges of now, at which a market that is wild crashes and no more.
        minimum_stay: candles for which a regime stays, unless a graver one than a trend comes.
    """

    trend_period: int = 30
    trend_enter: float = 0.45
    trend_exit: float = 0.25
    volatility_period: int = 10
    usual_period: int = 120
    volatility_enter: float = 1.8
    volatility_exit: float = 1.3
    crash_period: int = 20
    crash_enter: float = 7.0
    crash_exit: float = 3.0
    minimum_stay: int = 6

    @property
    def warm_up(self) -> int:
        """How many closed candles it takes until a regime can be told."""
        return max(self.trend_period, self.usual_period, self.volatility_period, self.crash_period) + 1
