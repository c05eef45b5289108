from datetime import timedelta
from decimal import Decimal

import pytest

from console.services.holdings import equity_line, order_page, positions, thinned, trade_page
from console.services.paging import Turn
from desk.adapters.ledger.facts import EquityPoint
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import traded


def test_what_an_account_ordered_traded_holds_and_owns_is_read(ask: Ask, fill: Fill):
    fill(traded)
    [order] = ask(lambda desk: order_page(desk, "sample", Turn())).rows
    [trade] = ask(lambda desk: trade_page(desk, "sample", Turn())).rows
    [held] = ask(lambda desk: positions(desk, "sample"))
    assert order.intent.instrument == trade.instrument == held.position.instrument == "EUR/USD"
    assert held.average_price == trade.entry_price
    line = ask(lambda desk: equity_line(desk, "sample", points=100))
    assert [point.equity for point in line] == [Decimal("10000.10"), Decimal("12.245") + Decimal("10000.10")]


def test_an_account_without_money_has_no_line(ask: Ask):
    assert ask(lambda desk: equity_line(desk, "fresh", points=100)) == ()


@pytest.mark.parametrize(("length", "points"), [(0, 5), (1, 5), (5, 5), (6, 5), (99, 5), (100, 1)])
def test_a_thinned_curve_keeps_its_ends_and_its_order(length: int, points: int):
    curve = [EquityPoint(CLOSE + timedelta(minutes=n), Decimal(n), Decimal(0)) for n in range(length)]
    kept = thinned(curve, points)
    assert list(kept) == sorted(kept, key=lambda point: point.at)
    assert len(kept) <= points + 1
    assert {*kept[:1], *kept[-1:]} == {*curve[:1], *curve[-1:]}
