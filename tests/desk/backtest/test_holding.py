"""The paper books of the past pay for what they hold, and are liquidated, as every candle in turn would have it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from desk.backtest.curve import moment
from desk.backtest.history import History
from desk.backtest.venue import Opening, PaperBooks
from desk.contracts.markets import sample_market
from desk.matching.advance import advance
from desk.matching.charges import FinancingTerms, FundingTerms
from desk.matching.fees import FeeSchedule
from desk.matching.slippage import Slippage
from desk.matching.terms import Terms
from desk.model.candles import Candles
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Barriers, FillReason, OrderIntent, OrderType

EURO = Instrument("EUR/USD", InstrumentKind.FX, Decimal("0.00001"), Decimal(1), Decimal(1))
HERE = Instrument("AA/USD:USD", InstrumentKind.PERPETUAL, Decimal("0.00001"), Decimal(1), Decimal(1))
ABROAD = Instrument("BB/EUR:EUR", InstrumentKind.PERPETUAL, Decimal("0.00001"), Decimal(1), Decimal(1))
INSTRUMENTS = {one.name: one for one in (EURO, HERE, ABROAD)}
TERMS = Terms(
    fees=FeeSchedule(Decimal(1), Decimal(2)),
    slippage=Slippage(fixed_bps=Decimal(20)),
    half_spread_bps=Decimal("0.5"),
    max_leverage=Decimal(40),
    holding={
        "EUR/USD": FinancingTerms(Decimal("0.4"), Decimal("-0.1")),
        "AA/USD:USD": FundingTerms(Decimal("0.0004"), timedelta(hours=1)),
        "BB/EUR:EUR": FundingTerms(Decimal("-0.0003"), timedelta(minutes=7)),
    },
    maintenance_fraction=Decimal("0.02"),
    liquidation_fee_bps=Decimal(30),
)


def series(name: str, seed: int) -> Candles:
    """A wild market in which some candles are missing."""
    whole = sample_market(400, seed=seed, wildness=3).own
    kept = [row for row in range(len(whole)) if (row * 7 + seed) % 11]
    columns = (getattr(whole, column)[kept] for column in ("time", "open", "high", "low", "close", "volume"))
    return Candles(name, whole.timeframe, *columns)


def books(seed: int, terms: Terms = TERMS, cash: int = 100_000) -> PaperBooks:
    candles = {name: series(name, seed + 100 * place) for place, name in enumerate(INSTRUMENTS)}
    return PaperBooks("sample", History(INSTRUMENTS, candles), Opening("USD", Decimal(cash), terms))


def order(name: str, side: Side, quantity: int, barriers: Barriers) -> OrderIntent:
    at, kind = moment(0), OrderType.MARKET
    return OrderIntent(name[:2].lower(), "sample", "one", name, at, side, kind, Decimal(quantity), None, barriers)


def entered(paper: PaperBooks, at: datetime, seed: int) -> PaperBooks:
    barriers = (Barriers(), Barriers(trailing_distance=Decimal("0.05")), Barriers(time_limit=timedelta(hours=9)))
    for place, name in enumerate(INSTRUMENTS):
        side = Side.BUY if (seed >> place) % 2 else Side.SELL
        found, _ = paper.place(order(name, side, 900_000, barriers[(seed + place) % 3]), at)
        assert found.fills, found.reason
    return paper


def ends(paper: PaperBooks) -> Iterator[datetime]:
    return (moment(int(close)) for close in paper.history.base["EUR/USD"].close_times[100:])


@pytest.mark.parametrize("seed", range(12))
def test_a_jump_comes_to_the_same_as_every_candle_in_turn(seed: int) -> None:
    paper = books(seed)
    first, *later = ends(paper)
    entered(paper, first, seed)
    walked = advance(
        paper.book,
        paper.history.base,
        until=later[-1],
        instruments=INSTRUMENTS,
        terms=TERMS,
        rates=paper.rates,
    )
    jumped = tuple(fill for at in (*later[::13], later[-1]) for fill in paper.advance(at))
    assert jumped == walked.booked
    assert (paper.book.cash, paper.book.holdings.keys()) == (walked.book.cash, walked.book.holdings.keys())
    assert any(fill.reason.is_charge for fill, _ in jumped)


def test_those_markets_liquidate_some_and_not_others() -> None:
    """Otherwise the test above would show little."""

    def reasons(seed: int) -> set[FillReason]:
        paper = books(seed)
        first, *later = ends(paper)
        return {fill.reason for fill, _ in entered(paper, first, seed).advance(later[-1])}

    found = [reasons(seed) for seed in range(12)]
    forced = sum(FillReason.LIQUIDATION in one for one in found)
    assert 3 <= forced <= 10, forced
    assert {FillReason.TRAILING_STOP, FillReason.FINANCING, FillReason.FUNDING} <= set().union(*found)


def test_what_may_happen_next_is_the_next_charge_where_nothing_ends_the_position_before() -> None:
    paper = books(1, replace(TERMS, maintenance_fraction=Decimal(0)), cash=10_000_000)
    first = next(ends(paper))
    assert paper.next_touch() is None
    paper.place(order("AA/USD:USD", Side.BUY, 1000, Barriers()), first)
    due = TERMS.holding["AA/USD:USD"].due(first)
    assert paper.next_touch() == due
    assert [fill.at for fill, _ in paper.advance(due)] == [due]
    assert paper.next_touch() == due + timedelta(hours=1)


def test_a_position_does_not_pay_for_the_time_in_which_nothing_was_held() -> None:
    paper = books(1, replace(TERMS, maintenance_fraction=Decimal(0)), cash=10_000_000)
    first, *later = ends(paper)
    assert paper.advance(first) == ()
    paper.place(order("AA/USD:USD", Side.BUY, 1000, Barriers()), later[-20])
    charges = paper.advance(later[-1])
    assert charges
    assert all(later[-20] < fill.at <= later[-1] for fill, _ in charges)
