"""Positions pay for being held, and are closed by force where the equity does not carry them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.matching.advance import advance
from desk.matching.book import Book, Booked, Progress
from desk.matching.charges import FinancingTerms, FundingTerms
from desk.matching.fees import FeeSchedule
from desk.matching.place import place
from desk.matching.terms import Terms
from desk.matching.valuation import MarketNow, equity
from desk.model.books import Quote
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import FillReason, OrderIntent
from tests.desk.matching.markets import MINUTE, START, Row, book, candles, limits, order, rates

BUY, SELL = Side.BUY, Side.SELL
PERPETUAL = {
    name: Instrument(name, InstrumentKind.PERPETUAL, Decimal("0.01"), Decimal(1), Decimal(1))
    for name in ("AA/USD:USD", "BB/USD:USD")
}
AA, BB = PERPETUAL
COIN = Instrument("CC/USD", InstrumentKind.SPOT, Decimal("0.01"), Decimal(1), Decimal(1))
INSTRUMENTS = {**PERPETUAL, COIN.name: COIN}
EVERY_MINUTE = FundingTerms(Decimal("0.001"), MINUTE)
FREE = Terms(max_leverage=Decimal(20))
MARGIN = replace(FREE, maintenance_fraction=Decimal("0.02"))
FLAT: Row = (100, 100, 100, 100)
Rows: TypeAlias = Mapping[str, Sequence[Row]]


def held(*intents: OrderIntent, terms: Terms = FREE, cash: str = "1000") -> Book:
    """Positions that were entered at 100 each."""
    opened = book(cash)
    quotes = {name: Quote(name, Decimal(100), Decimal(100), START) for name in INSTRUMENTS}
    now = MarketNow(START, INSTRUMENTS, quotes, {"USD": Decimal(1)})
    for intent in intents:
        progress = place(opened, intent, now, terms)
        assert progress.booked, progress.orders
        opened = progress.book
    return opened


def of(name: str, side: Side = BUY, quantity: int = 10, **changes: Any) -> OrderIntent:
    return order(side, quantity, instrument=name, client_order_id=name[:2].lower(), **changes)


def walk(opened: Book, rows: Rows, terms: Terms, **series: Any) -> Progress:
    known = {name: candles(each, instrument=name, **series) for name, each in rows.items()}
    until = START + MINUTE * max(len(each) for each in rows.values())
    return advance(opened, known, until=until, instruments=INSTRUMENTS, terms=terms, rates=rates())


def fills(progress: Progress) -> list[tuple[str, str, str]]:
    return [(fill.instrument, fill.reason.value, f"{fill.price:.2f}") for fill, _ in progress.booked]


def test_a_position_pays_at_the_last_price_when_a_charge_is_due_and_the_charge_is_a_fill_of_nothing() -> None:
    terms = replace(FREE, holding={AA: EVERY_MINUTE})
    progress = walk(held(of(AA)), {AA: [(100, 110, 100, 110), (110, 130, 110, 120)]}, terms)
    first, second = (booked.fill for booked in progress.booked)
    assert (first.fee, second.fee) == (Decimal("1.1"), Decimal("1.2"))
    assert (first.quantity, first.reason, first.client_order_id) == (0, FillReason.FUNDING, "aa")
    assert (first.at, second.at) == (START + MINUTE, START + 2 * MINUTE)
    assert progress.book.cash == 1000 - Decimal("2.3")
    assert progress.orders == {}


def test_a_short_receives_what_a_long_pays_but_for_the_rounding() -> None:
    terms = replace(FREE, holding={AA: EVERY_MINUTE})
    assert walk(held(of(AA, SELL)), {AA: [FLAT]}, terms).book.cash == 1001


def test_a_position_that_a_candle_ends_pays_nothing_at_its_close() -> None:
    terms = replace(FREE, holding={AA: EVERY_MINUTE})
    progress = walk(held(of(AA, barriers=limits(stop="95"))), {AA: [(100, 100, 90, 90), FLAT]}, terms)
    assert fills(progress) == [(AA, "stop", "95.00")]


def test_a_charge_is_converted_at_the_rate_of_its_time() -> None:
    yen = Instrument("USD/JPY", InstrumentKind.FX, Decimal("0.001"), Decimal(1), Decimal(1))
    prices = candles([(150, 150, 150, 150)], instrument="USD/JPY", start=START - MINUTE)
    terms = Terms(max_leverage=Decimal(20), holding={"USD/JPY": FinancingTerms(Decimal("3.65"), Decimal(0))})
    quote = Quote("USD/JPY", Decimal(150), Decimal(150), START)
    now = MarketNow(START, {"USD/JPY": yen}, {"USD/JPY": quote}, {"JPY": 1 / Decimal(150)})
    opened = place(book(), order(BUY, 1000, instrument="USD/JPY"), now, terms).book
    until = START + timedelta(hours=24)
    known = {"USD/JPY": prices}
    known_rates = rates(yen=prices)
    after = advance(opened, known, until=until, instruments={"USD/JPY": yen}, terms=terms, rates=known_rates)
    assert [round(booked.fill.fee, 6) for booked in after.booked] == [10]


def test_what_has_not_closed_a_candle_since_pays_at_its_entry() -> None:
    terms = replace(FREE, holding={AA: EVERY_MINUTE})
    late = candles([(120, 120, 120, 120)], instrument=AA, start=START + 5 * MINUTE)
    until = START + 2 * MINUTE
    progress = advance(held(of(AA)), {AA: late}, until=until, instruments=INSTRUMENTS, terms=terms, rates=rates())
    assert [booked.fill.fee for booked in progress.booked] == [1, 1]


def test_equity_under_the_maintenance_margin_closes_the_position_where_it_falls_under_it() -> None:
    # 1000 of equity carry 100 at 100: at 91.84 there are 184 left, two hundredths of 9184.
    progress = walk(held(of(AA, quantity=100)), {AA: [FLAT, (100, 100, 90, 95)]}, MARGIN)
    assert fills(progress) == [(AA, "liquidation", "91.83")]
    closing = progress.orders["aa-liquidation"]
    assert (closing.reduce_only, closing.price) == (True, None)
    short = walk(held(of(AA, SELL, quantity=100)), {AA: [(100, 108, 100, 100)]}, MARGIN)
    assert fills(short) == [(AA, "liquidation", "107.85")]


def test_a_gap_beyond_the_liquidation_fills_at_the_open_and_costs_the_fee_of_it() -> None:
    terms = replace(MARGIN, fees=FeeSchedule(Decimal(0), Decimal(10)), liquidation_fee_bps=Decimal(40))
    progress = walk(held(of(AA, quantity=100), cash="1010"), {AA: [(85, 90, 80, 90)]}, terms)
    assert fills(progress) == [(AA, "liquidation", "85.00")]
    assert progress.booked[0].fill.fee == Decimal("42.5")
    assert progress.book.cash == Decimal(1010) - 1500 - Decimal("42.5")


def test_a_nearer_stop_comes_before_the_liquidation_and_a_farther_one_after() -> None:
    rows = {AA: [(100, 100, 80, 90)]}
    near = held(of(AA, quantity=100, barriers=limits(stop="95")))
    far = held(of(AA, quantity=100, barriers=limits(stop="90")))
    assert fills(walk(near, rows, MARGIN)) == [(AA, "stop", "95.00")]
    assert fills(walk(far, rows, MARGIN)) == [(AA, "liquidation", "91.83")]


def test_what_else_is_held_on_margin_is_closed_with_it_at_its_price_before_and_spot_is_kept() -> None:
    opened = held(of("CC/USD", quantity=1), of(AA, quantity=50), of(BB, SELL, quantity=50))
    rows: Rows = {
        AA: [FLAT, (100, 100, 70, 80)],
        BB: [(100, 101, 99, 101), (101, 120, 101, 120)],
        "CC/USD": [FLAT, FLAT],
    }
    progress = walk(opened, rows, MARGIN)
    assert [(name, reason) for name, reason, _ in fills(progress)] == [(AA, "liquidation"), (BB, "liquidation")]
    assert progress.booked[1].fill.price == 101
    assert set(progress.book.holdings) == {"CC/USD"}


def test_a_hedge_carries_what_would_be_liquidated_alone() -> None:
    rows: Rows = {AA: [FLAT, (100, 100, 90, 90)], BB: [(100, 100, 85, 85), (85, 85, 85, 85)]}
    alone = walk(held(of(AA, quantity=100)), {AA: rows[AA]}, MARGIN)
    hedged = walk(held(of(AA, quantity=100), of(BB, SELL, quantity=100)), rows, MARGIN)
    assert fills(alone) == [(AA, "liquidation", "91.83")]
    assert fills(hedged) == []


def test_funding_that_is_paid_brings_the_liquidation_nearer() -> None:
    dear = replace(MARGIN, holding={AA: FundingTerms(Decimal("0.01"), MINUTE)})
    rows = {AA: [FLAT, (100, 100, 92, 95)]}
    assert fills(walk(held(of(AA, quantity=100)), rows, MARGIN)) == []
    assert fills(walk(held(of(AA, quantity=100)), rows, dear))[1][1] == "liquidation"


PRICES = st.lists(st.tuples(st.integers(-300, 300), st.integers(0, 200), st.integers(0, 200)), min_size=3, max_size=8)
"""Of each candle: where it closes beside where it opened, and how far it reached beyond both, in ticks."""
SIDES, RATES = st.sampled_from(Side), st.integers(-30, 30)


def rows_of(steps: Sequence[tuple[int, int, int]]) -> list[Row]:
    rows, last = [], 100.0
    for change, up, down in steps:
        close = round(last + change / 100, 2)
        rows.append((last, round(max(last, close) + up / 100, 2), round(min(last, close) - down / 100, 2), close))
        last = close
    return rows


@settings(max_examples=60)
@given(PRICES, PRICES, SIDES, SIDES, RATES, RATES)
def test_cash_and_positions_are_conserved_and_equity_is_never_closed_above_its_margin(
    first: Any, second: Any, side: Side, other: Side, rate: int, dearer: int
) -> None:
    rows = {AA: rows_of(first), BB: rows_of(second)}
    opened = held(of(AA, side, 80), of(BB, other, 60))
    funding = {AA: FundingTerms(Decimal(rate) / 10_000, MINUTE), BB: FundingTerms(Decimal(dearer) / 10_000, 2 * MINUTE)}
    terms = replace(MARGIN, holding=funding, liquidation_fee_bps=Decimal(30))
    progress = walk(opened, rows, terms)
    paid = sum(booked.fill.fee for booked in progress.booked)
    assert progress.book.cash == 1000 + sum(booked.realised_profit for booked in progress.booked) - paid
    assert progress.book.fill_count == opened.fill_count + len(progress.booked)
    closed = {fill.instrument for fill, _ in progress.booked if fill.reason is FillReason.LIQUIDATION}
    assert closed in (set(), {AA, BB})
    assert set(progress.book.holdings) == {AA, BB} - closed


@settings(max_examples=60)
@given(PRICES, SIDES, RATES, st.integers(0, 30))
def test_more_financing_is_never_more_profit(steps: Any, side: Side, rate: int, more: int) -> None:
    rows = {AA: rows_of(steps)}
    cheap, dear = (
        replace(FREE, holding={AA: FinancingTerms(each, each)}) for each in (Decimal(rate), Decimal(rate + more))
    )
    opened = held(of(AA, side, 80))

    def worth(terms: Terms) -> Decimal:
        # Long enough for a charge: the candles come half an hour before 17:00 in New York and close after it.
        late = START + timedelta(hours=7) - MINUTE
        known = {AA: candles(rows[AA], instrument=AA, start=late)}
        last = advance(
            opened, known, until=late + 10 * MINUTE, instruments=INSTRUMENTS, terms=terms, rates=rates()
        ).book
        close = Decimal(str(rows[AA][-1][3]))
        quotes = {AA: Quote(AA, close, close, last.watermark)}
        return equity(last, MarketNow(last.watermark, INSTRUMENTS, quotes, {"USD": Decimal(1)}))

    assert worth(dear) <= worth(cheap)
    assert more == 0 or worth(dear) < worth(cheap)


@settings(max_examples=40)
@given(PRICES, PRICES, SIDES, SIDES, st.integers(1, 5))
def test_steps_and_the_order_of_instruments_do_not_matter(
    first: Any, second: Any, side: Side, other: Side, pace: int
) -> None:
    terms = replace(MARGIN, holding={AA: EVERY_MINUTE, BB: FundingTerms(Decimal("-0.002"), 2 * MINUTE)})
    rows = {AA: rows_of(first), BB: rows_of(second)}
    known = {name: candles(each, instrument=name) for name, each in rows.items()}
    whole = walk(held(of(AA, side, 80), of(BB, other, 60)), rows, terms)
    stepped = held(of(BB, other, 60), of(AA, side, 80))
    booked: list[Booked] = []
    for minute in range(0, 10 + pace, pace):
        backwards = {name: known[name] for name in sorted(stepped.exposed, reverse=True)}
        until = START + MINUTE * minute
        progress = advance(stepped, backwards, until=until, instruments=INSTRUMENTS, terms=terms, rates=rates())
        stepped, booked = progress.book, [*booked, *progress.booked]
    done = [
        (fill.instrument, fill.reason, fill.price, fill.fee, fill.at)
        for fill, _ in booked
        if fill.at <= whole.book.watermark
    ]
    assert done == [(fill.instrument, fill.reason, fill.price, fill.fee, fill.at) for fill, _ in whole.booked]
