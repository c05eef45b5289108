"""What accounts are worth together, and the order of a conversion."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from desk.execution.placing import OrderDesk
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.portfolio.actions import Conversion
from desk.ports import Lease
from desk.steps.rebalance import conversion_order, convert, day_of, equities_of
from desk.steps.surroundings import Company, Seat, Standing
from tests.builders import CLOSE
from tests.fakes import FakeLog, FakeVenue

CONVERSION = Conversion("crypto", "USDC", "USDC/USDT", Decimal(350), "too little")
DAY = day_of(CLOSE)


def test_accounts_are_valued_in_the_currency_of_the_fleet_where_a_rate_is_known() -> None:
    company = Company({"a": Seat("oanda", "USD"), "b": Seat("kucoin", "USDT"), "c": Seat("oanda", "EUR")}, "USD")
    stands = [Standing(name, Decimal(100), Decimal(100)) for name in "abc"]
    company = replace(company, rates={"USDT": Decimal("0.99")})
    assert equities_of(company, stands, CLOSE) == {"a": 100, "b": 99, "c": None}


def test_a_conversion_is_a_spot_order_that_may_open_a_position_and_has_a_name_of_its_day() -> None:
    order = conversion_order(CONVERSION, day=DAY, number=1)
    assert (order.side, order.quantity, order.reduce_only, order.strategy) == (Side.BUY, 350, False, "rebalance")
    assert order == conversion_order(CONVERSION, day=day_of(CLOSE + timedelta(hours=5)), number=1)
    others = [
        conversion_order(CONVERSION, day=DAY + timedelta(days=1), number=1),
        conversion_order(CONVERSION, day=DAY, number=2),
    ]
    assert order.client_order_id not in [one.client_order_id for one in others]


async def test_an_order_that_is_wanted_twice_is_sent_once() -> None:
    venue = FakeVenue()
    desk = OrderDesk(venue, FakeLog(), Lease("crypto", "test", 1))
    order = conversion_order(CONVERSION, day=DAY, number=1)
    first, second = await convert(order, desk), await convert(order, desk)
    assert (first.state, second.state, len(venue.accepted)) == (OrderState.FILLED, OrderState.FILLED, 1)
