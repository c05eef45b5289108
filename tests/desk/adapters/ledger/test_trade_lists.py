"""Trades of many accounts: every one once, the newest first, filtered, with its risk and what its entry slipped."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.pages import Place
from desk.adapters.ledger.trade_lists import ListedTrade, TradeOutcome, TradeQuestion
from tests.builders import CLOSE
from tests.console.stories import traded, traded_often

BOTH = ("first", "second")


async def two_accounts(ledger: Ledger) -> None:
    """Three trades each, opened at the same minutes: a loss, an even one, a win."""
    for name in BOTH:
        await traded_often(ledger, ("-50", "0", "100"), account=name, strategy=f"of_{name}")


async def all_of(ledger: Ledger, question: TradeQuestion, *, limit: int = 2) -> list[ListedTrade]:
    found: list[ListedTrade] = []
    before: Place | None = None
    while rows := await ledger.trades_of(question, before=before, limit=limit):
        found += rows
        before = rows[-1].place
    return found


def told(found: Sequence[ListedTrade]) -> list[tuple[str, Decimal]]:
    return [(one.trade.account, one.trade.realised_profit) for one in found]


async def test_trades_that_opened_together_are_turned_through_once_each(ledger: Ledger) -> None:
    await two_accounts(ledger)
    for limit in (1, 2, 4, 6):
        found = await all_of(ledger, TradeQuestion(BOTH), limit=limit)
        assert told(found) == [(name, Decimal(n)) for n in (100, 0, -50) for name in ("second", "first")]


QUESTIONS = (
    (TradeQuestion(["first"]), 3),
    (TradeQuestion(["nobody"]), 0),
    (TradeQuestion(BOTH, strategy="of_second"), 3),
    (TradeQuestion(BOTH, instrument="EUR/USD"), 6),
    (TradeQuestion(BOTH, instrument="XAU/USD"), 0),
    (TradeQuestion(BOTH, outcome=TradeOutcome.WON), 2),
    (TradeQuestion(BOTH, outcome=TradeOutcome.LOST), 4),
    (TradeQuestion(BOTH, outcome=TradeOutcome.OPEN), 0),
    (TradeQuestion(BOTH, since=CLOSE + timedelta(minutes=1)), 4),
    (TradeQuestion(BOTH, until=CLOSE + timedelta(minutes=1)), 2),
)


async def test_only_what_fits_is_told(ledger: Ledger) -> None:
    await two_accounts(ledger)
    for question, count in QUESTIONS:
        assert len(await all_of(ledger, question)) == count, question


async def test_risk_is_that_of_the_first_stop_and_slippage_is_beside_the_price_that_was_decided_on(
    ledger: Ledger,
) -> None:
    await two_accounts(ledger)
    await traded(ledger)
    [newest, *_] = await all_of(ledger, TradeQuestion(["first"]))
    assert newest.risk == Decimal(100)
    assert newest.entry_slippage is None
    [opened] = await all_of(ledger, TradeQuestion(["sample"], outcome=TradeOutcome.OPEN))
    assert opened.entry_slippage == (Decimal("1.1") - Decimal("1.10001")) * 100
