"""The paper books of the past jump to the candles that end a position, and end it as every candle in turn would."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from desk.backtest.curve import moment
from desk.backtest.history import History
from desk.backtest.venue import Opening, PaperBooks
from desk.contracts.markets import sample_market
from desk.matching.advance import advance
from desk.matching.fees import FeeSchedule
from desk.matching.terms import Terms
from desk.model.books import Quote
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Barriers, FillReason, OrderIntent, OrderType

EURO = Instrument("EUR/USD", InstrumentKind.FX, Decimal("0.00001"), Decimal(1), Decimal(1))
TERMS = Terms(fees=FeeSchedule(Decimal(1), Decimal(2)), half_spread_bps=Decimal("0.5"), max_leverage=Decimal(10))
OPENING = Opening("USD", Decimal(100_000), TERMS)


def books() -> PaperBooks:
    candles = sample_market(600).own
    return PaperBooks("sample", History({"EUR/USD": EURO}, {"EUR/USD": candles}), OPENING)


def order(side: Side, **barriers: Decimal | timedelta) -> OrderIntent:
    kind, quantity = OrderType.MARKET, Decimal(1000)
    return OrderIntent("a", "sample", "one", "EUR/USD", moment(0), side, kind, quantity, None, Barriers(**barriers))


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("barriers", "reason"),
    [
        ({"trailing_distance": Decimal("0.004")}, FillReason.TRAILING_STOP),
        ({"time_limit": timedelta(hours=7)}, FillReason.TIME_LIMIT),
    ],
)
def test_a_position_ends_where_the_engine_ends_it_candle_by_candle(side: Side, barriers, reason: FillReason) -> None:
    paper = books()
    history = paper.history
    closes = [moment(int(close)) for close in history.base["EUR/USD"].close_times[100:]]
    assert paper.place(order(side, **barriers), closes[0])[1]
    walked = advance(
        paper.book,
        history.base,
        until=closes[-1],
        instruments=history.instruments,
        terms=TERMS,
        rates=paper.rates,
    )
    jumped = tuple(fill for at in closes[::7] for fill in paper.advance(at))
    assert [fill.reason for fill, _ in jumped] == [reason]
    assert jumped == walked.booked
    assert paper.book.cash == walked.book.cash


def test_the_prices_of_a_moment_are_those_of_the_moment_that_is_asked_about() -> None:
    paper = books()
    first, second = (moment(int(close)) for close in paper.history.base["EUR/USD"].close_times[100:102])
    assert paper.market(first).quotes == {}
    before = paper.market(first, wanted=frozenset({"EUR/USD"})).quotes["EUR/USD"]
    after = paper.market(second, wanted=frozenset({"EUR/USD"})).quotes["EUR/USD"]
    assert (before.at, after.at) == (first, second)
    assert paper.quote("EUR/USD", first) == paper.history.quote("EUR/USD", first)
    assert paper.quote("EUR/USD", second) == paper.history.quote("EUR/USD", second)


def test_the_market_of_a_moment_keeps_what_was_asked_before_and_looks_for_each_instrument_once() -> None:
    candles = sample_market(600).own
    asked: list[str] = []

    class Counting(History):
        def quote(self, instrument: str, at: datetime) -> Quote | None:
            asked.append(instrument)
            return super().quote(instrument, at)

    names = ("EUR/USD", "GBP/USD")
    history = Counting(
        {name: replace(EURO, name=name) for name in names}, {name: replace(candles, instrument=name) for name in names}
    )
    paper, at = PaperBooks("sample", history, OPENING), moment(int(candles.close_times[100]))
    for wanted in (names[:1], names[1:], names):
        found = paper.market(at, wanted=frozenset(wanted))
    assert found.quotes.keys() == set(names)
    assert sorted(asked) == sorted(names)
