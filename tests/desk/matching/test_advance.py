"""Time passes over a book."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.errors import DataError
from desk.matching.advance import advance
from desk.matching.book import Book, Progress
from desk.matching.booking import fold_fills
from desk.matching.fees import FeeSchedule
from desk.matching.place import place
from desk.matching.slippage import Slippage
from desk.matching.terms import Terms
from desk.model.candles import Candles
from desk.model.instrument import Side
from desk.model.orders import FillReason, OrderIntent, OrderState, OrderType, TimeInForce
from tests.desk.matching.markets import INSTRUMENTS, MINUTE, START, Row, book, candles, limits, market, order, rates

BUY, SELL = Side.BUY, Side.SELL
TERMS = Terms(max_leverage=Decimal(10))
FLAT: Row = (100, 100, 100, 100)
COSTLY = Terms(
    fees=FeeSchedule(Decimal("0.7"), Decimal("3.3")),
    slippage=Slippage(Decimal("1.3"), Decimal(5)),
    participation=Decimal("0.3"),
    max_leverage=Decimal(10),
)


def after(*intents: OrderIntent, terms: Terms = TERMS) -> Book:
    held = book()
    for intent in intents:
        held = place(held, intent, market(), terms).book
    return held


def walk(
    held: Book, rows: Sequence[Row], *, terms: Terms = TERMS, minutes: float | None = None, **series: Any
) -> Progress:
    until = START + MINUTE * (len(rows) if minutes is None else minutes)
    known = {"XAU/USD": candles(rows, **series)}
    return advance(held, known, until=until, instruments=INSTRUMENTS, terms=terms, rates=rates())


def exits(progress: Progress) -> list[tuple[str, str, str]]:
    fills = [booked.fill for booked in progress.booked]
    return [(fill.client_order_id, f"{fill.price:.2f}", fill.reason.value) for fill in fills]


@pytest.mark.parametrize(
    ("barriers", "rows", "expected"),
    [
        ({"stop": "95"}, [FLAT, (100, 100, 94, 96)], ("a-stop", "95.00", "stop")),
        ({"target": "105"}, [FLAT, (100, 106, 100, 100)], ("a-target", "105.00", "target")),
        (
            {"trailing_distance": "5"},
            [(100, 108, 100, 108), (106, 106, 103, 103)],
            ("a-trail", "103.00", "trailing_stop"),
        ),
        ({"time_limit": 2}, [FLAT, FLAT, (101, 102, 100, 100)], ("a-time", "101.00", "time_limit")),
    ],
)
def test_a_barrier_ends_the_position_under_an_id_of_its_own(
    barriers: dict[str, Any], rows: list[Row], expected: tuple[str, str, str]
) -> None:
    progress = walk(after(order(BUY, 10, barriers=limits(**barriers))), rows)
    assert exits(progress) == [expected]
    assert progress.book.positions == ()
    closing = progress.orders[expected[0]]
    assert (closing.state, closing.reduce_only, closing.venue_order_id) == (OrderState.FILLED, True, "P2")
    assert progress.booked[0].fill.at == START + len(rows) * MINUTE


def test_the_candle_in_which_an_order_arrived_counts_wholly() -> None:
    held = place(book(), order(BUY, 10, barriers=limits(stop="95")), market(at=START + MINUTE / 2), TERMS).book
    assert exits(walk(held, [(100, 101, 94, 100)])) == [("a-stop", "95.00", "stop")]


def test_a_candle_is_matched_only_once_it_is_closed() -> None:
    held = after(order(BUY, 10, barriers=limits(stop="95")))
    open_yet = walk(held, [(100, 101, 94, 100)], minutes=0.99)
    assert (open_yet.booked, open_yet.book.watermark) == ((), START + MINUTE * 0.99)
    assert len(walk(open_yet.book, [(100, 101, 94, 100)]).booked) == 1


def test_a_candle_that_closed_before_the_order_is_left_out() -> None:
    held = after(order(BUY, 10, barriers=limits(stop="95")))
    assert walk(held, [(100, 101, 94, 100)], start=START - MINUTE, minutes=1).booked == ()


def test_a_stop_out_slips_and_pays_the_taker_fee() -> None:
    terms = replace(TERMS, slippage=Slippage(Decimal(10)), fees=FeeSchedule(Decimal(0), Decimal(10)))
    progress = walk(after(order(BUY, 10, barriers=limits(stop="95"))), [(100, 100, 90, 90)], terms=terms)
    (booked,) = progress.booked
    assert (booked.fill.price, booked.fill.fee) == (Decimal("94.90"), Decimal("0.949"))
    assert booked.realised_profit == -51


def test_a_trailing_stop_does_not_move_within_the_candle_that_moves_it() -> None:
    held = after(order(BUY, 10, barriers=limits(trailing_distance="5")))
    first = walk(held, [(100, 120, 96, 97)])
    assert first.booked == ()
    assert first.book.holdings["XAU/USD"].best_price == 120
    assert exits(walk(held, [(100, 120, 96, 97), (97, 98, 96, 97)])) == [("a-trail", "97.00", "trailing_stop")]


def test_a_working_limit_fills_at_its_price_as_a_maker() -> None:
    terms = replace(TERMS, fees=FeeSchedule(Decimal(1), Decimal(100)))
    progress = walk(after(order(BUY, 10, "99"), terms=terms), [FLAT, (100, 100, 98, 99)], terms=terms)
    (booked,) = progress.booked
    assert (booked.fill.price, booked.fill.fee) == (99, Decimal("0.099"))
    assert progress.orders["a"].state is OrderState.FILLED
    assert progress.book.working == ()


def test_an_entry_inside_a_candle_may_be_stopped_in_it_and_reaches_no_target() -> None:
    held = after(order(BUY, 10, "99", barriers=limits(stop="97", target="101")))
    progress = walk(held, [(100, 103, 96, 98)])
    assert [(one[0], one[1]) for one in exits(progress)] == [("a", "99.00"), ("a-stop", "97.00")]
    assert [one[0] for one in exits(walk(held, [(100, 103, 98, 98)]))] == ["a"]


def test_an_entry_at_the_open_sees_the_whole_candle() -> None:
    held = after(order(BUY, 10, "99", barriers=limits(stop="90", target="101")))
    assert exits(walk(held, [(98, 103, 97, 98)])) == [("a", "98.00", "order"), ("a-target", "101.00", "target")]


def test_a_stop_entry_becomes_a_market_order_and_stays_one() -> None:
    terms = replace(TERMS, participation=Decimal("0.04"))
    entry = order(BUY, 10, "102", type=OrderType.STOP)
    progress = walk(after(entry), [(100, 103, 100, 101), FLAT, FLAT], terms=terms)
    assert [(f"{one.fill.price:.2f}", one.fill.quantity) for one in progress.booked] == [
        ("102.00", 4),
        ("100.00", 4),
        ("100.00", 2),
    ]


def test_a_stop_entry_that_finds_no_volume_stays_triggered() -> None:
    terms = replace(TERMS, participation=Decimal("0.001"))
    held = walk(after(order(BUY, 10, "102", type=OrderType.STOP)), [(100, 103, 100, 101)], terms=terms).book
    assert held.working[0].is_triggered
    assert exits(walk(held, [FLAT, FLAT])) == [("a", "100.00", "order")]


def test_orders_share_the_volume_of_a_candle() -> None:
    terms = replace(TERMS, participation=Decimal("0.12"))
    held = after(order(BUY, 10, "99"), order(BUY, 10, "99", client_order_id="b"))
    progress = walk(held, [(100, 100, 98, 99)], terms=terms)
    assert [(one.fill.client_order_id, one.fill.quantity) for one in progress.booked] == [("a", 10), ("b", 2)]
    assert progress.orders["b"].state is OrderState.PARTIAL


def test_what_is_left_of_an_entry_is_cancelled_when_its_position_ends() -> None:
    terms = replace(TERMS, participation=Decimal("0.04"))
    held = after(order(BUY, 10, "99", barriers=limits(stop="97")))
    progress = walk(held, [(100, 100, 98, 99), (99.5, 99.5, 96, 96)], terms=terms)
    assert progress.orders["a"].state is OrderState.CANCELLED
    assert progress.orders["a"].reason == "position closed by its stop"
    assert progress.book.working == progress.book.positions == ()


def test_a_stop_comes_before_a_working_order_that_would_close_at_a_profit() -> None:
    held = after(
        order(BUY, 10, barriers=limits(stop="95")), order(SELL, 10, "105", reduce_only=True, client_order_id="b")
    )
    progress = walk(held, [(100, 106, 94, 100)])
    assert exits(progress) == [("a-stop", "95.00", "stop")]
    assert (progress.orders["b"].state, progress.orders["b"].reason) == (OrderState.CANCELLED, "nothing to reduce")


def test_a_working_order_that_may_only_reduce_is_cut_to_the_position() -> None:
    held = after(order(BUY, 4), order(SELL, 10, "105", reduce_only=True, client_order_id="b"))
    progress = walk(held, [(100, 106, 100, 100)])
    assert (progress.orders["b"].filled_quantity, progress.orders["b"].state) == (4, OrderState.CANCELLED)
    assert progress.book.positions == ()


def test_a_profit_in_another_currency_is_converted_at_the_rate_of_its_time() -> None:
    yen = candles([(150, 150, 150, 150), (150, 161, 150, 160)], instrument="USD/JPY")
    quoted = market("150", instrument="USD/JPY", rates={"USD": Decimal(1), "JPY": 1 / Decimal(150)})
    entry = order(BUY, 1600, instrument="USD/JPY", barriers=limits(target="160"))
    held = place(book(), entry, quoted, TERMS).book
    known = {"USD/JPY": yen}
    later: dict[str, Any] = {"until": START + 2 * MINUTE, "instruments": INSTRUMENTS, "terms": TERMS}
    assert advance(held, known, rates=rates(yen=yen), **later).booked[0].realised_profit == 100
    with pytest.raises(DataError, match="from JPY to USD"):
        advance(held, known, rates=rates(), **later)


def test_the_instruments_of_a_book_are_walked_in_the_order_in_which_their_candles_closed() -> None:
    held = after(order(BUY, 10, barriers=limits(stop="95")))
    coin = order(BUY, 1, instrument="BTC/USD", barriers=limits(stop="95"), client_order_id="b")
    both = replace(market(), quotes={**market().quotes, **market(instrument="BTC/USD").quotes})
    held = place(held, coin, both, TERMS).book
    fall: Row = (100, 100, 90, 90)
    known = {"XAU/USD": candles([fall, FLAT]), "BTC/USD": candles([FLAT, fall], instrument="BTC/USD")}
    progress = advance(held, known, until=START + 2 * MINUTE, instruments=INSTRUMENTS, terms=TERMS, rates=rates())
    assert [one[0] for one in exits(progress)] == ["a-stop", "b-stop"]


def test_an_exposed_instrument_without_candles_is_a_programming_error() -> None:
    with pytest.raises(AssertionError, match="XAU/USD"):
        advance(after(order()), {}, until=START + MINUTE, instruments=INSTRUMENTS, terms=TERMS, rates=rates())


STEPS = st.lists(st.tuples(*[st.integers(-300, 300)] * 4, st.integers(0, 40)), min_size=2, max_size=20)
ORDERS = st.lists(
    st.builds(
        lambda side, quantity, kind, offset, far, reduce, patient: {
            "side": side,
            "quantity": quantity,
            "kind": kind,
            "offset": offset,
            "far": far,
            "reduce_only": reduce,
            "time_in_force": TimeInForce.GTC if patient else TimeInForce.IOC,
        },
        st.sampled_from(Side),
        st.integers(1, 30),
        st.sampled_from(OrderType),
        st.integers(-200, 200),
        st.none() | st.integers(1, 300),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def series(steps: Sequence[tuple[int, ...]]) -> Candles:
    rows, last = [], 10_000
    for gap, high, low, move, _ in steps:
        start = max(5_000, last + gap)
        end = max(5_000, start + move)
        rows.append((start / 100, (max(start, end) + abs(high)) / 100, (min(start, end) - abs(low)) / 100, end / 100))
        last = end
    made = candles(rows, spread=0.02)
    return replace(made, volume=[float(step[-1]) for step in steps])


def play(steps: Sequence[tuple[int, ...]], orders: Sequence[dict[str, Any]], pace: int) -> list[Progress]:
    """One order at the open of each candle, the book advanced before it in steps of `pace` parts of a minute."""
    known, held, done = series(steps), book(), []
    for minute in range(len(steps) + 1):
        for part in range(1, pace + 1):
            until = START + MINUTE * (minute - 1 + part / pace)
            if until > held.watermark:
                done.append(
                    advance(held, {"XAU/USD": known}, until=until, instruments=INSTRUMENTS, terms=COSTLY, rates=rates())
                )
                held = done[-1].book
        if minute < min(len(orders), len(steps)):
            bid, ask = (Decimal(str(side.open[minute])) for side in (known.bid, known.ask))
            now = market(str(bid), str(ask), at=START + minute * MINUTE, volume="40")
            done.append(place(held, wished(orders[minute], minute, bid), now, COSTLY))
            held = done[-1].book
    return done


def wished(wish: dict[str, Any], minute: int, bid: Decimal) -> OrderIntent:
    side, far = wish["side"], wish["far"]
    price = None if wish["kind"] is OrderType.MARKET else bid + Decimal(wish["offset"]) / 100
    barriers = limits()
    if far is not None:
        distance = Decimal(far) / 100
        base = bid if price is None else price
        barriers = limits(stop=base - side.sign * distance, trailing_distance=distance, time_limit=3)
    return order(
        side,
        wish["quantity"],
        None if price is None else str(price),
        type=wish["kind"],
        client_order_id=f"o{minute}",
        reduce_only=wish["reduce_only"],
        time_in_force=wish["time_in_force"],
        barriers=barriers,
    )


@settings(max_examples=60)
@given(STEPS, ORDERS)
def test_cash_is_what_it_was_plus_profits_less_fees_to_the_last_digit(
    steps: list[tuple[int, ...]], orders: list[dict[str, Any]]
) -> None:
    done = play(steps, orders, 1)
    fills = [booked.fill for progress in done for booked in progress.booked]
    independent = fold_fills(fills)
    final = done[-1].book
    assert final.cash == Decimal(100_000) + independent.realised_profit - sum(fill.fee for fill in fills)
    assert final.positions == ((replace(independent.position, **kept(final)),) if independent.position else ())
    assert len({fill.venue_trade_id for fill in fills}) == len(fills) == final.fill_count


def kept(final: Book) -> dict[str, Any]:
    held = final.positions[0]
    return {"barriers": held.barriers, "strategy": held.strategy}


@settings(max_examples=40)
@given(STEPS, ORDERS, st.integers(2, 4))
def test_advancing_in_small_steps_gives_the_same_as_in_large_ones(
    steps: list[tuple[int, ...]], orders: list[dict[str, Any]], pace: int
) -> None:
    coarse, fine = play(steps, orders, 1), play(steps, orders, pace)
    assert [booked for progress in fine for booked in progress.booked] == [
        booked for progress in coarse for booked in progress.booked
    ]
    assert fine[-1].book == coarse[-1].book


@settings(max_examples=60)
@given(STEPS, ORDERS)
def test_fills_of_an_order_sum_to_its_filled_quantity_and_never_exceed_it(
    steps: list[tuple[int, ...]], orders: list[dict[str, Any]]
) -> None:
    done = play(steps, orders, 1)
    last = {name: placed for progress in done for name, placed in progress.orders.items()}
    fills = [booked.fill for progress in done for booked in progress.booked]
    for name, placed in last.items():
        own = tuple(fill for fill in fills if fill.client_order_id == name)
        assert placed.fills == own
        assert sum(fill.quantity for fill in own) == placed.filled_quantity <= placed.quantity
    working = {one.intent.client_order_id for one in done[-1].book.working}
    assert working == {name for name, placed in last.items() if not placed.state.is_final}


@settings(max_examples=60)
@given(STEPS, ORDERS)
def test_an_exit_never_opens_or_turns_a_position(steps: list[tuple[int, ...]], orders: list[dict[str, Any]]) -> None:
    held = Decimal(0)
    reducing = {f"o{number}" for number, wish in enumerate(orders) if wish["reduce_only"]}
    for fill in (booked.fill for progress in play(steps, orders, 1) for booked in progress.booked):
        later = held + fill.quantity * fill.side.sign
        if fill.reason is not FillReason.ORDER or fill.client_order_id in reducing:
            assert abs(later) < abs(held)
            assert later * held >= 0
        held = later
