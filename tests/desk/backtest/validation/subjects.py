"""A small account with a past of its own, made from a seed, that trades a few times a day."""

from datetime import timedelta
from decimal import Decimal
from functools import cache

from desk.backtest.history import History
from desk.backtest.validation.subjects import Subject
from desk.backtest.venue import Opening
from desk.contracts.markets import sample_market
from desk.decide import Policy, WeightedStrategy
from desk.matching.fees import FeeSchedule
from desk.matching.slippage import Slippage
from desk.matching.terms import Terms
from desk.model.timeframe import Timeframe
from desk.registry import sizings, strategies
from tests.builders import EUR_USD

DAYS = 3
PARAMETERS = {"fast_period": 8, "slow_period": 21}


@cache
def subject(days: int = DAYS, *, seed: int = 4, half_spread_bps: float | None = None) -> Subject:
    own = sample_market(days * 288, seed=seed, wildness=3, half_spread_bps=half_spread_bps).own
    policy = Policy(
        account="tried",
        timeframe=Timeframe.M5,
        instruments=("EUR/USD",),
        strategies=(WeightedStrategy(strategies().build("momentum_trading", PARAMETERS), 1.0),),
        sizing=sizings().build("fixed_fraction", {"fraction": "0.005"}),
        rules=(),
        entry_score=0.2,
        exit_score=0.2,
        time_limit=timedelta(hours=6),
        lookback=400,
    )
    terms = Terms(
        FeeSchedule(Decimal("0.2"), Decimal("0.2")), Slippage(Decimal("0.1")), Decimal("0.2"), max_leverage=Decimal(20)
    )
    return Subject(policy, History({"EUR/USD": EUR_USD}, {"EUR/USD": own}), Opening("USD", Decimal(10_000), terms))
