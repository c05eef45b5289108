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
        others=draw(_OTHERS),
        rate=draw(_RATES),
        correlations=draw(_CORRELATED),
        turnover=draw(_TURNOVERS),
        usual_spread=draw(_SPREADS),
        volatility=draw(_VOLATILITIES),
        last_closes=closes,
        events=draw(_EVENTS),
    )


@st.composite
def _others(draw: st.DrawFn) -> OtherAccount:
    return OtherAccount(
        name=draw(_ACCOUNTS),
        venue="oanda",
        equity=draw(_EQUITIES),
        day_start_equity=draw(_EQUITIES),
        exposure=draw(_EXPOSURES),
        ideas=draw(_IDEAS),
    )


@st.composite
def _events(draw: st.DrawFn) -> CalendarEvent:
    return CalendarEvent(CLOSE + draw(_DISTANCES), draw(_CURRENCIES), draw(_IMPORTANCE), "Interest rate decision")


# Made once: what is made for each draw takes longer than the draw itself.
_NAMED = st.sampled_from(_NAMES)
_ACCOUNTS = st.sampled_from(["oanda-one", "kucoin-two"])
_EQUITIES = st.none() | _SIGNED
_EXPOSURES = st.none() | st.dictionaries(_NAMED, _SIGNED | st.just(Decimal("NaN")), max_size=2)
_IDEAS = st.dictionaries(_NAMED, st.sampled_from([1, -1]), max_size=2)
_OTHERS = st.none() | st.lists(_others(), max_size=2).map(tuple)
_DISTANCES = st.timedeltas(timedelta(hours=-24), timedelta(hours=24))
_CURRENCIES = st.sampled_from(["", "USD", "EUR", "BTC", "CHF"])
_IMPORTANCE = st.sampled_from(Importance)
_EVENTS = st.none() | st.lists(_events(), max_size=3).map(tuple)
_RATES = st.sampled_from([None, Decimal(0), Decimal(1), Decimal("1.1"), Decimal("0.0066")])
_SOME = st.sets(_NAMED)
_FACTORS = st.sampled_from([Decimal(1), Decimal("1.01"), Decimal("0.5"), Decimal(0), Decimal("NaN")])
_CORRELATIONS = st.floats(-1, 1, allow_subnormal=False) | st.sampled_from([float("nan"), 2.0])
_CORRELATED = st.dictionaries(st.sampled_from(_PAIRS), _CORRELATIONS, max_size=4)
_TURNOVERS = st.dictionaries(_NAMED, st.decimals("-1", "10000000000", places=0) | st.just(Decimal("NaN")), max_size=3)
_SPREADS = st.dictionaries(_NAMED, st.floats(-0.001, 0.01, allow_subnormal=False) | st.just(float("nan")), max_size=3)
_VOLATILITIES = st.dictionaries(
    _NAMED, st.floats(-0.1, 3, allow_subnormal=False) | st.sampled_from([float("nan"), float("inf")]), max_size=3
)
