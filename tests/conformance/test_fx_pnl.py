"""Published examples of profit, financing, margin and the value of a pip, in account currency."""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from desk.costs import CostTerms
from desk.costs.financing import financing_fraction
from desk.matching.booking import apply_fill
from desk.matching.conversion import rate_from
from desk.model.books import AccountState, Quote
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Fill
from tests.builders import CLOSE, position, snapshot

SHARED = Path(__file__).parents[3] / "shared" / "conformance" / "fx_pnl_conversion.json"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/conformance")

CENT = Decimal("0.01")
Case = Mapping[str, Any]


def cases(section: str) -> list[Case]:
    rows: list[Case] = json.loads(SHARED.read_text(encoding="utf-8"))[section]
    return rows


def name_of(row: Case) -> str:
    return str(row["instrument"]).replace("_", "/")


def profit(name: str, side: Side, units: Decimal, opened: Decimal, closed: Decimal, rate: Decimal) -> Decimal:
    """What a round trip brings in account currency, by our books."""
    entry = Fill("T1", "a", name, side, units, opened, Decimal(0), "USD", CLOSE)
    exit_ = Fill("T2", "b", name, side.opposite, units, closed, Decimal(0), "USD", CLOSE)
    return apply_fill(apply_fill(None, entry).position, exit_, rate=rate).realised_profit


def rate_of(row: Case) -> Decimal:
    """The value of the quote currency, which a venue may give apart for profits and for losses."""
    if "gain_quote_home" in row:
        return Decimal(row["gain_quote_home" if Decimal(row["quote_pl"]) >= 0 else "loss_quote_home"])
    inverse, _, price = row["quote_to_account"].rpartition("/")
    return rate_from(name_of(row), name_of(row)[-3:], Decimal(price)) if inverse else Decimal(price)


def test_profit_is_converted_by_the_factor_of_its_sign() -> None:
    for row in cases("pnl"):
        side = Side.BUY if row["side"] == "long" else Side.SELL
        prices = (Decimal(row["open"]), Decimal(row["close"]))
        found = profit(name_of(row), side, Decimal(row["units"]), *prices, rate_of(row))
        expected = Decimal(row.get("account_pl_exact", row["account_pl"]))
        exact = "account_pl_exact" in row
        assert (found if exact else found.quantize(CENT)) == expected, row["id"]


def test_holding_over_night_costs_its_days_of_the_yearly_rate() -> None:
    for row in cases("financing"):
        terms = CostTerms(financing_rate=-Decimal(row["annual_rate"]))
        held = timedelta(days=row.get("days", 1))
        fraction = financing_fraction(terms, InstrumentKind.FX, Side.BUY, held, None)
        found = -fraction * Decimal(row["units"]) * Decimal(row["price"])
        assert found.quantize(CENT) == Decimal(row["expected"]), row["id"]


def test_the_margin_is_the_leverage_s_part_of_what_is_held_in_account_currency() -> None:
    for row in cases("margin"):
        name, price = name_of(row), Decimal(row["price"])
        base, quoted = name.split("/")
        rates = {quoted: 1 / Decimal(row["usd_chf"])} if "usd_chf" in row else {quoted: 1 / price}
        books = snapshot(
            positions=[position("EUR/USD", str(row["units"]))],
            instruments={"EUR/USD": Instrument(name, InstrumentKind.FX, Decimal(1), Decimal(1), Decimal(1))},
            quotes={"EUR/USD": Quote("EUR/USD", price, price, CLOSE)},
            money=AccountState(row["account"], Decimal(0), Decimal(0), CLOSE, rates),
        )
        value = books.exposure("EUR/USD")
        assert value is not None
        assert (value / row["leverage"]).quantize(CENT) == Decimal(row["expected"]), (row["id"], base)


def test_a_pip_is_worth_what_the_smallest_move_brings() -> None:
    for row in cases("pip_value"):
        pip, rate = Decimal(row["pip"]), Decimal(row["quote_to_usd"])
        found = profit(name_of(row), Side.BUY, Decimal(row["units"]), Decimal(2), 2 + pip, rate)
        assert found.quantize(Decimal("0.0001")) == Decimal(row["expected"]), row


def test_there_are_as_many_cases_as_the_list_says() -> None:
    assert [len(cases(section)) for section in ("pnl", "financing", "margin", "pip_value")] == [10, 4, 3, 5]
