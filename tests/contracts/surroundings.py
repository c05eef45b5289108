"""Whatever Hypothesis can think of that lies around an account: known, missing, and broken."""

from datetime import timedelta
from decimal import Decimal
from itertools import combinations

from hypothesis import strategies as st

from desk.model.surroundings import CalendarEvent, Importance, OtherAccount, Surroundings
from tests.builders import CLOSE, INSTRUMENTS, PRICES

_NAMES = sorted(INSTRUMENTS)
_PAIRS = [" ".join(pair) for pair in combinations(_NAMES, 2)]
_SIGNED = st.decimals("-100000", "1000000", places=2)


def amounts(low: str, high: str) -> st.SearchStrategy[Decimal | None]:
    """An amount within a range, or none, or one that cannot be."""
    return st.none() | st.decimals(low, high, places=2) | st.sampled_from([Decimal(0), Decimal(-1), Decimal("NaN")])


@st.composite
def surroundings(draw: st.DrawFn) -> Surroundings:
    """Other accounts, and facts about markets; each of them may be missing."""
    closes = {name: Decimal(PRICES[name]) * draw(_FACTORS) for name in draw(_SOME)}
    return Surroundings(
        others=draw(st.none() | st.lists(_others(), max_size=2).map(tuple)),
        rate=draw(st.sampled_from([None, Decimal(0), Decimal(1), Decimal("1.1"), Decimal("0.0066")])),
        correlations=draw(st.dictionaries(st.sampled_from(_PAIRS), _CORRELATIONS, max_size=4)),
        turnover=draw(st.dictionaries(st.sampled_from(_NAMES), _TURNOVERS, max_size=3)),
        usual_spread=draw(st.dictionaries(st.sampled_from(_NAMES), _SPREADS, max_size=3)),
        volatility=draw(st.dictionaries(st.sampled_from(_NAMES), _VOLATILITIES, max_size=3)),
        last_closes=closes,
        events=draw(st.none() | st.lists(_events(), max_size=3).map(tuple)),
    )


@st.composite
def _others(draw: st.DrawFn) -> OtherAccount:
    exposure = st.dictionaries(st.sampled_from(_NAMES), _SIGNED | st.just(Decimal("NaN")), max_size=2)
    return OtherAccount(
        name=draw(st.sampled_from(["oanda-one", "kucoin-two"])),
        venue="oanda",
        equity=draw(st.none() | _SIGNED),
        day_start_equity=draw(st.none() | _SIGNED),
        exposure=draw(st.none() | exposure),
        ideas=draw(st.dictionaries(st.sampled_from(_NAMES), st.sampled_from([1, -1]), max_size=2)),
    )


@st.composite
def _events(draw: st.DrawFn) -> CalendarEvent:
    at = CLOSE + draw(st.timedeltas(timedelta(hours=-24), timedelta(hours=24)))
    currency = draw(st.sampled_from(["", "USD", "EUR", "BTC", "CHF"]))
    return CalendarEvent(at, currency, draw(st.sampled_from(Importance)), "Interest rate decision")


_SOME = st.sets(st.sampled_from(_NAMES))
_FACTORS = st.sampled_from([Decimal(1), Decimal("1.01"), Decimal("0.5"), Decimal(0), Decimal("NaN")])
_CORRELATIONS = st.floats(-1, 1, allow_subnormal=False) | st.sampled_from([float("nan"), 2.0])
_TURNOVERS = st.decimals("-1", "10000000000", places=0) | st.just(Decimal("NaN"))
_SPREADS = st.floats(-0.001, 0.01, allow_subnormal=False) | st.just(float("nan"))
_VOLATILITIES = st.floats(-0.1, 3, allow_subnormal=False) | st.sampled_from([float("nan"), float("inf")])
