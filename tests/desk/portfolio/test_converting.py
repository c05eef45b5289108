"""When it is proposed to buy a currency that an account needs."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from desk.model.books import Quote
from desk.model.instrument import Instrument, InstrumentKind
from desk.portfolio.actions import Conversion
from desk.portfolio.converting import Need, Purse, plan_conversion
from tests.builders import CLOSE

NEED = Need("crypto", "USDC", "USDC/USDT", Decimal(200), Decimal(500), Decimal(1000))
MARKET = Instrument("USDC/USDT", InstrumentKind.SPOT, Decimal("0.0001"), Decimal("0.1"), Decimal("0.1"), Decimal(1))
QUOTE = Quote("USDC/USDT", Decimal("0.9999"), Decimal("1.0001"), CLOSE)
PURSE = Purse({"USDT": Decimal(10_000), "USDC": Decimal(150)}, MARKET, QUOTE)


def planned(**changes: Any) -> Conversion | str | None:
    return plan_conversion(NEED, replace(PURSE, **changes))


def test_what_is_missing_is_bought_up_to_the_amount_that_is_wanted() -> None:
    found = planned()
    assert isinstance(found, Conversion)
    assert (found.account, found.instrument, found.quantity) == ("crypto", "USDC/USDT", 350)
    assert found.why == "crypto has 150 USDC, less than 200; wanted 500"
    assert str(found) == "buy 350 USDC in crypto at USDC/USDT"


def test_a_currency_that_is_not_there_at_all_is_missing() -> None:
    found = planned(balances={"USDT": Decimal(10_000)})
    assert isinstance(found, Conversion)
    assert found.quantity == 500


def test_where_there_is_enough_nothing_is_said() -> None:
    assert planned(balances={"USDC": Decimal(200)}) is None


def test_no_more_is_bought_than_the_maximum_or_than_there_is_to_pay_with() -> None:
    found = plan_conversion(replace(NEED, up_to=Decimal(5000)), PURSE)
    assert isinstance(found, Conversion)
    assert found.quantity == 1000
    poor = planned(balances={"USDT": Decimal(100)})
    assert isinstance(poor, Conversion)
    assert poor.quantity == Decimal("98.9")  # 99 USDT at 1.0001, on the lot


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"balances": {}}, "the venue does not tell its balances"),
        ({"instrument": None}, "there is no market in USDC/USDT now"),
        ({"quote": None}, "there is no market in USDC/USDT now"),
        ({"quote": replace(QUOTE, tradable=False)}, "there is no market in USDC/USDT now"),
        ({"quote": replace(QUOTE, ask=Decimal(0))}, "there is no market in USDC/USDT now"),
        ({"balances": {"USDC": Decimal(1)}}, "what can be converted, 0 USDC, is below the venue's smallest order"),
        (
            {"balances": {"USDT": Decimal("0.9")}},
            "what can be converted, 0.8 USDC, is below the venue's smallest order",
        ),
    ],
)
def test_what_cannot_be_known_or_done_is_refused_with_the_reason(changes: dict[str, Any], why: str) -> None:
    assert planned(**changes) == f"crypto: no conversion into USDC is proposed, because {why}"


def test_where_the_venue_converts_one_to_one_no_market_is_needed() -> None:
    found = planned(instrument=None, quote=None, converts=True)
    assert isinstance(found, Conversion)
    assert found.quantity == 350
    poor = planned(instrument=None, quote=None, converts=True, balances={"USDT": Decimal("10.10")})
    assert isinstance(poor, Conversion)
    assert poor.quantity == Decimal("9.99")
    nothing = planned(converts=True, balances={"USDC": Decimal(1)})
    assert nothing == "crypto: no conversion into USDC is proposed, because there is no USDT to convert"
