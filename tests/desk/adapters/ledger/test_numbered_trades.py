"""Trades under numbers: counted from the oldest of an account, whatever is asked of them."""

from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from tests.console.stories import traded, traded_often


async def test_numbers_stay_whichever_part_of_the_list_is_asked_for(ledger: Ledger) -> None:
    await traded_often(ledger, ("90", "-40", "30"), account="first")
    await traded_often(ledger, ("10",), account="second")
    whole = await ledger.past_trades("first", skip=0, limit=9)
    assert [(one.number, one.trade.realised_profit) for one in whole] == [(1, 90), (2, -40), (3, 30)]
    assert await ledger.past_trades("first", skip=1, limit=1) == whole[1:2]
    assert (await ledger.count_past_trades("first"), await ledger.count_past_trades("nobody")) == (3, 0)
    assert whole[0].first_stop == Decimal("0.1")


async def test_what_is_open_has_its_number_and_its_value(ledger: Ledger) -> None:
    await traded(ledger)
    [found] = await ledger.open_trades("sample")
    assert (found.number, found.trade.closed_at) == (1, None)
    assert found.entry_value == found.trade.entry_notional
    assert found.first_stop is None
    assert await ledger.past_trades("sample", skip=0, limit=9) == await ledger.open_trades("nobody") == ()
