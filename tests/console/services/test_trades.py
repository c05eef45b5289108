import csv
from dataclasses import fields
from decimal import Decimal
from io import StringIO

import pytest

from console.dashboard.parts import Cell
from console.dashboard.trades import reached
from console.failures import NotUnderstood
from console.services.opening import OpenDesk
from console.services.paging import Turn
from console.services.trades import FleetTrade, TradeFilter, fleet_trades, trades_as_csv
from desk.adapters.ledger.ledger import Ledger
from desk.model.excursions import Excursion
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import traded, traded_often


async def story(ledger: Ledger) -> None:
    await traded(ledger)
    await traded_often(ledger, ("200", "-50"), account="fresh", strategy="=HYPERLINK(1)")


def test_trades_of_all_accounts_are_told_after_fees_and_in_units_of_their_risk(ask: Ask, fill: Fill):
    fill(story)
    found = ask(lambda desk: fleet_trades(desk, TradeFilter(), Turn())).rows
    assert [(one.account, one.profit, one.multiple) for one in found] == [
        ("fresh", Decimal(-50), -0.5),
        ("sample", Decimal("-0.01"), None),
        ("fresh", Decimal(200), 2.0),
    ]
    assert {one.currency for one in found} == {"USD"}


def test_how_far_a_price_went_is_told_in_risk_and_as_a_price_where_it_was_seen(ask: Ask, fill: Fill):
    async def seen(ledger: Ledger) -> None:
        await story(ledger)
        way = Excursion("EUR/USD", CLOSE, Decimal("0.6"), Decimal("3.5"), CLOSE, CLOSE)
        await ledger.record_equity("fresh", CLOSE, Decimal(100), Decimal(100), seen=[way])

    fill(seen)
    unseen, _, one = ask(lambda desk: fleet_trades(desk, TradeFilter(), Turn())).rows
    assert (one.mae, one.mfe, one.worst_price, one.best_price) == (-0.5, 2.4, Decimal("0.6"), Decimal("3.5"))
    assert (unseen.mae, unseen.mfe, unseen.worst_price, unseen.best_price) == (None, None, None, None)
    assert reached(one.mae, "0.6") == Cell("-0.50", title="at 0.6")
    assert reached(None, "3.5") == Cell("at 3.5")
    assert reached(unseen.mae, "") == Cell("")


def test_a_filter_is_read_as_it_is_typed(ask: Ask, fill: Fill):
    fill(story)

    def count(**wanted: str) -> int:
        return len(ask(lambda desk: fleet_trades(desk, TradeFilter(**wanted), Turn())).rows)

    assert (count(account="fresh"), count(outcome="won"), count(since="2026-01-15"), count(until="2026-01-15")) == (
        2,
        1,
        0,
        3,
    )
    for wrong in ({"account": "fersh"}, {"outcome": "winning"}, {"since": "soon"}, {"until": "later"}):
        with pytest.raises(NotUnderstood):
            count(**wrong)


def test_the_table_has_every_trade_and_nothing_that_a_spreadsheet_would_run(ask: Ask, fill: Fill):
    fill(story)

    async def written(desk: OpenDesk) -> str:
        return "".join([part async for part in trades_as_csv(desk, TradeFilter())])

    rows = list(csv.DictReader(StringIO(ask(written))))
    assert list(rows[0]) == [field.name for field in fields(FleetTrade)]
    assert [row["profit"] for row in rows] == ["-50", "-0.01", "200"]
    assert rows[0]["strategy"] == "'=HYPERLINK(1)"
