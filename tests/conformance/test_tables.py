"""The published tables of rounding, fees, profit, average cost, stops and candles, row by row against our functions.

The expected numbers are of others, in ../shared. What is not compared is listed at the end, with its reason.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from desk.execution.stops import Decided, level_for
from desk.matching.booking import apply_fill
from desk.matching.fees import FeeSchedule, Liquidity
from desk.model.books import Position
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Barriers, Fill, Order, OrderState, OrderType
from desk.model.records import TrackRecord
from desk.model.timeframe import Timeframe
from desk.monitor.drawdown import largest_drawdown, steepest_drawdown
from tests.builders import CLOSE

SHARED = Path(__file__).parents[3] / "shared" / "conformance" / "tables.json"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/conformance")

Case = Mapping[str, Any]

NOT_OURS = {
    "cagr": (6, "figures of a backtest, which the desk does not compute yet"),
    "stoploss_from_open": (14, "stops are prices here, never fractions of a profit with leverage"),
    "calc_open_close_trade_price": (6, "interest on borrowed coins: the desk trades no spot margin"),
    "close_trade_value": (13, "interest on borrowed coins"),
    "profit": (22, "interest on borrowed coins"),
    "timeframe_floor": (2, "candles of 10 minutes and 2 hours, which the desk does not have"),
}
"""Rows without a function of ours, by table, and why."""

AMOUNT = Decimal(30)
TIMEFRAMES = {"5m": Timeframe.M5, "1h": Timeframe.H1, "4h": Timeframe.H4, "1d": Timeframe.D1}


def cases(table: str) -> list[Case]:
    rows: list[Case] = json.loads(SHARED.read_text(encoding="utf-8"))["tables"][table]["cases"]
    return rows


def ours(table: str) -> list[Case]:
    """The rows that are compared: none of margin trading, none of a timeframe that there is not."""
    rows = [row for row in cases(table) if row.get("trading_mode") != "margin" and row.get("tf", "5m") in TIMEFRAMES]
    assert len(rows) == len(cases(table)) - NOT_OURS.get(table, (0, ""))[0]
    return rows


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


def value(side: Side, price: Decimal, rate: float) -> Decimal:
    """What a fill of the amount takes from the cash that is paid, or leaves of the cash that is received."""
    notional = AMOUNT * price
    return notional + side.sign * fees(rate).fee(notional, Liquidity.TAKER)


def profit(side: Side, opened: Decimal, closed: Decimal, rates: tuple[float, float], funding: float) -> Decimal:
    """Profit after fees and funding, by our books."""
    entry = Fill("T1", "a", "SAMPLE/USDT", side, AMOUNT, opened, Decimal(0), "USDT", CLOSE)
    exit_ = Fill("T2", "b", "SAMPLE/USDT", side.opposite, AMOUNT, closed, Decimal(0), "USDT", CLOSE)
    made = apply_fill(apply_fill(None, entry).position, exit_).realised_profit
    paid = [
        fees(rate).fee(AMOUNT * price, Liquidity.TAKER) for rate, price in zip(rates, (opened, closed), strict=True)
    ]
    return made - sum(paid) + number(funding)


def test_what_is_paid_at_the_entry_has_the_fee_in_it() -> None:
    for row in cases("open_trade_value"):
        assert value(side_of(row), Decimal(2), row["fee_rate"]) == number(row["result"]), row


def test_what_is_received_at_the_exit_has_lost_the_fee() -> None:
    for row in ours("close_trade_value"):
        side = side_of(row).opposite
        funding = number(row["funding_fees"]) * -side.sign
        assert value(side, number(row["close_rate"]), row["fee_rate"]) + funding == number(row["result"]), row


def test_a_round_trip_brings_its_profit_after_fees_and_funding() -> None:
    for row in ours("calc_open_close_trade_price"):
        side = side_of(row)
        opened, closed = (Decimal("2.2"), Decimal(2)) if row["is_short"] else (Decimal(2), Decimal("2.2"))
        found = profit(side, opened, closed, (0.0025, 0.0025), row["funding_fees"])
        assert found == pytest.approx(number(row["profit"]), abs=Decimal("0.000002")), row


def test_a_round_trip_brings_its_profit_at_any_exit() -> None:
    for row in ours("profit"):
        rates = (0.0025, row["fee_close"])
        found = profit(side_of(row), Decimal(2), number(row["close_rate"]), rates, row["funding_fees"])
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


def test_a_drawdown_is_measured_from_the_highest_point_the_start_included() -> None:
    for row in cases("max_drawdown"):
        measured = steepest_drawdown if row["mode"] == "relative" else largest_drawdown
        fall = measured([number(profit) for profit in row["profits"]], number(row["starting_balance"]))
        assert fall.amount == pytest.approx(number(row["drawdown_abs"])), row
        assert float(fall.fraction or 0) == pytest.approx(row["relative_account_drawdown"], abs=1e-6), row
        assert fall.low_after == row.get("low_index", fall.low_after - 1) + 1, row


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
    assert sum(count for count, _ in NOT_OURS.values()) == 63
