"""The cash that follows from what is booked is the venue's, to the cent; over real connections to the simulators."""

from collections.abc import Collection

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.execution.cash import CashKind
from desk.model.externals import Externals
from desk.model.instrument import Side
from desk.model.orders import Barriers
from desk.steps.reconcile import reconcile
from desk.steps.reconciling import Reconciliation, Terms
from tests.contracts.venues.bench import CLOSE, Bench, VenueCase
from tests.contracts.venues.venues import ASTER_HMAC, COINBASE, KUCOIN, KUCOIN_FUTURES, OANDA, PAPER
from tests.contracts.venues.watching import WatchedAccount

ALL = (PAPER, OANDA, COINBASE, KUCOIN, KUCOIN_FUTURES, ASTER_HMAC)


@pytest.fixture
def account(bench: Bench, ledger: Ledger) -> WatchedAccount:
    return WatchedAccount(bench, ledger)


async def reconciled(account: WatchedAccount) -> Reconciliation:
    bench = account.bench
    known = await bench.market.instruments()
    paid: Collection[str] = () if bench.case is PAPER else {name for name, one in known.items() if not one.can_short}
    names, now = (bench.case.instrument,), bench.clock.now()
    terms = Terms("sample", CLOSE, names, known, Externals.IGNORE, now, paid)
    return await reconcile(terms, desk=await account.desk(), books=account.ledger, notifier=account.inbox)


@pytest.mark.parametrize("case", ALL, ids=str)
async def test_the_cash_of_the_desk_is_the_venues_through_a_round_trip(
    account: WatchedAccount, case: VenueCase
) -> None:
    first = await reconciled(account)
    assert first.cash is not None
    assert first.cash.booked is not None
    assert first.cash.booked.kind is CashKind.OPENING
    entries = await account.ledger.audit_entries()
    await account.enter(Barriers())
    account.bench.wait(minutes=1)
    held = await reconciled(account)
    account.bench.move(account.bench.bid + case.step)
    await account.bench.trading.submit(account.bench.market_order("sd-exit", Side.SELL, reduce_only=True))
    account.bench.wait(minutes=1)
    over = await reconciled(account)
    for done in (held, over):
        assert done.cash is not None
        assert (done.cash.is_equal, done.cash.booked) == (True, None), done.cash
    assert over.cash.venue != first.cash.venue
    assert await account.ledger.audit_entries() == entries
    assert account.inbox.messages == []
