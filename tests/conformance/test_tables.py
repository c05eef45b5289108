"""The published tables of rounding, fees, profit, average cost, stops, candles and figures, row by row against ours.

The expected numbers are of others, in ../shared. What is not compared is listed at the end, with its reason.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.backtest.curve import DAY, EquityCurve
from desk.backtest.drawdowns import largest, steepest
from desk.backtest.ratios import cagr
from desk.backtest.rounds import RoundColumns
from desk.backtest.trade_figures import trade_figures
from desk.execution.stops import Decided, is_crossed, level_for
from desk.matching.booking import apply_fill
from desk.matching.fees import FeeSchedule, Liquidity
from desk.model.books import Position, Quote
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Barriers, Fill, Order, OrderState, OrderType
from desk.model.records import TrackRecord
from desk.model.timeframe import Timeframe
from desk.monitor.drawdown import largest_drawdown, steepest_drawdown
from tests.builders import CLOSE
from tests.desk.backtest.rounds import in_a_row

SHARED = Path(__file__).parents[3] / "shared" / "conformance" / "tables.json"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/conformance")

Case = Mapping[str, Any]

NOT_OURS = {
    "stoploss_from_open": (2, "a price of 0, at which the source answers 1; a quote of ours is above 0"),
}
"""Rows without a function of ours, by table, and why."""

AMOUNT = Decimal(30)
TIMEFRAMES = {
    "5m": Timeframe.M5,
    "10m": Timeframe.M10,
    "1h": Timeframe.H1,
    "2h": Timeframe.H2,
    "4h": Timeframe.H4,
    "1d": Timeframe.D1,
}


def cases(table: str) -> list[Case]:
    rows: list[Case] = json.loads(SHARED.read_text(encoding="utf-8"))["tables"][table]["cases"]
    return rows


def ours(table: str) -> list[Case]:
    """The rows that are compared: none at a price of 0."""
    rows = [row for row in cases(table) if not is_worthless(row)]
    assert len(rows) == len(cases(table)) - NOT_OURS.get(table, (0, ""))[0]
    return rows


def is_worthless(row: Case) -> bool:
    return row.get("curr_profit") == (1 if row.get("side") == "short" else -1)


def differing(rows: Sequence[Case], found: Callable[[Case], Decimal], key: str) -> list[tuple[Case, Decimal]]:
    answers = [(row, found(row)) for row in rows]
    return [(row, answer) for row, answer in answers if answer != number(row[key])]


def number(value: float) -> Decimal:
    return Decimal(repr(value))


def grid(step: Decimal) -> Instrument:
    return Instrument("SAMPLE/USDT", InstrumentKind.SPOT, step, step, step)


def step_of(row: Case, value: str) -> Decimal:
    """The step that a number of decimals, or of digits, comes to."""
    if row["precision_mode"] == "tick_size":
        return number(row["precision"])
    places = int(row["precision"])
    if row["precision_mode"] == "significant_digits":
        places -= number(row[value]).adjusted() + 1
    return Decimal(1).scaleb(-places)


def test_quantities_are_rounded_towards_zero_to_the_lot() -> None:
    def found(row: Case) -> Decimal:
        return grid(step_of(row, "amount")).round_quantity(number(row["amount"]))

    assert differing(cases("amount_to_precision"), found, "expected") == []


def test_whole_contracts_are_a_lot_in_base_units() -> None:
    def found(row: Case) -> Decimal:
        return grid(number(row["contract_size"]) * number(row["precision"])).round_quantity(number(row["amount"]))

    assert differing(cases("contract_precision"), found, "expected") == []


def test_prices_are_rounded_to_the_tick_up_down_and_to_the_nearest() -> None:
    def found(row: Case) -> Decimal:
        market, price = grid(step_of(row, "price")), number(row["price"])
        if row["rounding_mode"] == "half_up":  # no row lies halfway, where we would round to the even one
            return market.round_price(price)
        return market.round_price_for(Side.SELL if row["rounding_mode"] == "up" else Side.BUY, price)

    assert differing(cases("price_to_precision"), found, "expected") == []


def fees(rate: float) -> FeeSchedule:
    return FeeSchedule(*[number(rate) * 10_000] * 2)


def side_of(row: Case) -> Side:
    return Side.SELL if row["is_short"] else Side.BUY


@dataclass(frozen=True)
class Interest:
    """What a lender takes for ten minutes: of a long quote currency, of a short coins, which have to be bought too."""

    quote: Decimal = Decimal(0)
    coins: Decimal = Decimal(0)


def interest(row: Case, opened: Decimal) -> Interest:
    """By the rules of the source, as a venue would tell it: the desk borrows nothing, and books what it is charged.

    Of 0.05 % a day Binance takes an hour's part; of 0.05 % for four hours Kraken takes two, one for the opening.
    """
    if row["trading_mode"] != "margin":
        return Interest()
    taken = Decimal("0.0005") * (2 if row["exchange"] == "kraken" else Decimal(1) / 24)
    if row["is_short"]:
        return Interest(coins=AMOUNT * taken)
    return Interest(quote=AMOUNT * opened * (1 - 1 / Decimal(row["lev"])) * taken)


def value(side: Side, price: Decimal, rate: float, quantity: Decimal = AMOUNT) -> Decimal:
    """What a fill takes from the cash that is paid, or leaves of the cash that is received."""
    notional = quantity * price
    return notional + side.sign * fees(rate).fee(notional, Liquidity.TAKER)


def profit(
    side: Side,
    opened: Decimal,
    closed: Decimal,
    rates: tuple[float, float],
    funding: float,
    charged: Interest,
) -> Decimal:
    """Profit after fees, funding and interest, by our books; coins beyond the position are bought for the lender."""
    quantities = AMOUNT, AMOUNT + charged.coins
    entry = Fill("T1", "a", "SAMPLE/USDT", side, AMOUNT, opened, Decimal(0), "USDT", CLOSE)
    exit_ = Fill("T2", "b", "SAMPLE/USDT", side.opposite, quantities[1], closed, Decimal(0), "USDT", CLOSE)
    handed_over, made, _ = apply_fill(apply_fill(None, entry).position, exit_)
    paid = [
        fees(rate).fee(quantity * price, Liquidity.TAKER)
        for quantity, rate, price in zip(quantities, rates, (opened, closed), strict=True)
    ]
    return made - sum(paid) + number(funding) - charged.quote - (handed_over.cost if handed_over else 0)


def test_what_is_paid_at_the_entry_has_the_fee_in_it() -> None:
    for row in cases("open_trade_value"):
        assert value(side_of(row), Decimal(2), row["fee_rate"]) == number(row["result"]), row


def test_what_is_received_at_the_exit_has_lost_fee_and_interest() -> None:
    for row in cases("close_trade_value"):
        side, charged = side_of(row).opposite, interest(row, number(row["open_rate"]))
        funding = number(row["funding_fees"]) * -side.sign
        found = value(side, number(row["close_rate"]), row["fee_rate"], AMOUNT + charged.coins) - charged.quote
        if charged != Interest():  # whose rows have eight decimals; the others are exact
            found = found.quantize(Decimal("0.00000001"))
        assert found + funding == number(row["result"]), row


def test_a_round_trip_brings_its_profit_after_fees_funding_and_interest() -> None:
    for row in cases("calc_open_close_trade_price"):
        side = side_of(row)
        opened, closed = (Decimal("2.2"), Decimal(2)) if row["is_short"] else (Decimal(2), Decimal("2.2"))
        found = profit(side, opened, closed, (0.0025, 0.0025), row["funding_fees"], interest(row, opened))
        assert found == pytest.approx(number(row["profit"]), abs=Decimal("0.000002")), row


def test_a_round_trip_brings_its_profit_at_any_exit() -> None:
    for row in cases("profit"):
        opened, rates = Decimal(2), (0.0025, row["fee_close"])
        closed, funding = number(row["close_rate"]), row["funding_fees"]
        found = profit(side_of(row), opened, closed, rates, funding, interest(row, opened))
        assert found == pytest.approx(number(row["profit"]), abs=Decimal("0.000002")), row


def test_several_fills_are_held_at_their_average_and_realise_at_it() -> None:
    for row in cases("multi_fill_average_cost"):
        position, realised, schedule = None, Decimal(0), fees(row["fee_rate_each_side"])
        for count, step in enumerate(row["fills"]):
            before, after = position, step["after"]
            quantity, price = number(step["amount"]), number(step["price"])
            made = Fill(f"T{count}", "a", "SAMPLE/USDT", Side(step["side"]), quantity, price, Decimal(0), "USDT", CLOSE)
            position, profit_before_fees, closed = apply_fill(position, made)
            realised += profit_before_fees
            if before is not None and closed:
                notionals = (closed * price, closed * before.average_price)
                realised -= sum(schedule.fee(notional, Liquidity.TAKER) for notional in notionals)
            assert realised == pytest.approx(number(after["cum_realized_profit"]), abs=Decimal("0.0001")), (row, count)
            if position is not None:
                assert position.quantity == number(after["amount_open"]), (row, count)
                assert float(position.average_price) == pytest.approx(after["avg_open_price"], abs=1e-6), (row, count)
        assert position is None
        assert realised == pytest.approx(number(row["end_profit"]), abs=Decimal("0.0001"))


def test_the_expectancy_is_the_mean_of_a_record() -> None:
    for row in cases("expectancy"):
        record = TrackRecord.of(row["profits"])
        assert record.mean == pytest.approx(row["expectancy"])
        assert record.mean / -record.mean_loss == pytest.approx(row["expectancy_ratio"])
        figures = trade_figures(RoundColumns.of(in_a_row(*row["profits"])))
        assert figures.expectancy == pytest.approx(row["expectancy"])
        assert figures.expectancy_ratio == pytest.approx(row["expectancy_ratio"])


def test_growth_is_that_of_a_year() -> None:
    for row in cases("cagr"):
        growth = cagr(row["start"], row["end"], row["days"] / 365)
        assert growth == pytest.approx(row["expected"], abs=0.00005), row


def test_a_drawdown_is_measured_from_the_highest_point_the_start_included() -> None:
    for row in cases("max_drawdown"):
        measured = steepest_drawdown if row["mode"] == "relative" else largest_drawdown
        fall = measured([number(profit) for profit in row["profits"]], number(row["starting_balance"]))
        assert fall.amount == pytest.approx(number(row["drawdown_abs"])), row
        assert float(fall.fraction or 0) == pytest.approx(row["relative_account_drawdown"], abs=1e-6), row
        assert fall.low_after == row.get("low_index", fall.low_after - 1) + 1, row


def test_a_curve_of_equity_falls_between_the_same_trades() -> None:
    for row in cases("max_drawdown"):
        heights = np.cumsum([row["starting_balance"], *row["profits"]])
        curve = EquityCurve(DAY * np.arange(len(heights), dtype=np.int64), heights)
        fall = (steepest if row["mode"] == "relative" else largest)(curve)
        assert fall is not None
        assert fall.amount == pytest.approx(row["drawdown_abs"]), row
        assert fall.fraction == pytest.approx(row["relative_account_drawdown"], abs=1e-6), row
        places = [int(at.timestamp()) // DAY - 1 for at in (fall.high_at, fall.low_at)]
        assert places == [row.get("high_index", places[0]), row.get("low_index", places[1])], row


def test_a_stop_moves_only_in_favour_of_its_position() -> None:
    market = grid(Decimal("0.001"))
    for row in cases("trailing_ratchet"):
        side, opened = (Side.BUY if row["side"] == "long" else Side.SELL), number(row["open"])
        held = Position(market.name, Decimal(side.sign), opened * side.sign, CLOSE)
        stops: tuple[Order, ...] = ()
        for step in row["steps"]:
            if step.get("initial") and stops:
                assert stops[-1].price == number(step["stop"]), row
                continue
            best = number(step["ref"])
            barriers = Barriers(trailing_distance=best * number(step["pct"]))
            decided = Decided(market.name, held.quantity, barriers, CLOSE, CLOSE, Decimal(1), opened, stops)
            level = level_for(held, decided, best, None, market)
            assert level == number(step["stop"]), (row, step)
            stops = (*stops, stop_at(level, held, market))


def test_a_stop_at_a_part_of_the_entry_is_as_far_from_the_price_as_the_table_says() -> None:
    market, opened = grid(Decimal("0.000000001")), Decimal(100)
    for row in ours("stoploss_from_open"):
        side, leverage = (Side.BUY if row["side"] == "long" else Side.SELL), Decimal(row["leverage"])
        price = opened * (1 + side.sign * number(row["curr_profit"]) / leverage)
        barriers = Barriers(stop=opened * (1 + side.sign * number(row["rel_stop"]) / leverage))
        held = Position(market.name, Decimal(side.sign), opened * side.sign, CLOSE)
        decided = Decided(market.name, held.quantity, barriers, CLOSE, CLOSE, Decimal(1), opened)
        level = level_for(held, decided, price, None, market)
        assert level is not None
        assert not is_crossed(held, level, Quote(market.name, price, price, CLOSE)), row
        distance = (price - level) * side.sign / price * leverage
        assert distance == pytest.approx(number(row["expected"]), abs=Decimal("0.0000001")), row


def stop_at(level: Decimal, held: Position, market: Instrument) -> Order:
    one, nothing = Decimal(1), Decimal(0)
    return Order(
        "s", "V", market.name, held.side.opposite, OrderType.STOP, one, nothing, OrderState.ACKED, CLOSE, level,
        reduce_only=True,
    )  # fmt: skip


def test_candles_begin_at_whole_multiples_of_their_length() -> None:
    for row in ours("timeframe_floor"):
        timeframe, at = TIMEFRAMES[row["tf"]], datetime.fromisoformat(row["t"])
        assert timeframe.floor(at) == datetime.fromisoformat(row["floor"]), row
        assert timeframe.floor(at) + timeframe.duration == datetime.fromisoformat(row["next"]), row
        assert timeframe.floor(at + timedelta(seconds=timeframe.seconds)) > at


def test_every_row_is_compared_or_listed() -> None:
    tables = json.loads(SHARED.read_text(encoding="utf-8"))["tables"]
    rows = {name: len(table["cases"]) for name, table in tables.items()}
    assert sum(rows.values()) == 246
    assert set(NOT_OURS) <= set(rows)
    assert sum(count for count, _ in NOT_OURS.values()) == 2
