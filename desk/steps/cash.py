"""Compares the cash of an account with its venue's, and takes over what no fill tells of."""

from decimal import Decimal

from desk.execution.cash import CashDifference, CashKind, expected_cash, kind_of, quote_of
from desk.execution.reconciliation import Failed, VenueReport, is_settled
from desk.model.books import AccountState
from desk.steps.reconciling import CashLook, Work


async def compare_cash(work: Work, report: VenueReport, *, differs: bool) -> CashLook | None:
    """Return both sides, and book what makes them equal; None where the money was not read or is not compared.

    While something is under way, or positions differ, nothing is concluded: the money may be ahead of the fills, or
    behind them.

    Args:
        work: the reconciliation that is under way.
        report: what the venue said.
        differs: whether a position is not the same on both sides.
    """
    if work.terms.paid is None or isinstance(report.money, Failed):
        return None
    look = await _look(work, report.money)
    if differs or look.is_equal or await _is_moving(work):
        return look
    # A fill may have come since. The money is read first: a fill that comes between the two looks is then young, and
    # nothing is concluded. The other way round it would be in the money and not among the fills.
    money = await work.desk.trading.account()
    await work.sync()
    look = await _look(work, money)
    if look.is_equal or await _is_moving(work):
        return look
    difference = CashDifference(look.currency, look.ledger, look.venue, await _kind(work, look))
    await work.books.book_cash(difference, lease=work.desk.lease, now=work.terms.now)
    return CashLook(look.currency, difference.venue, difference.venue, difference)


async def _look(work: Work, money: AccountState) -> CashLook:
    book = await work.books.cash_book(work.terms.account)
    return CashLook(money.currency, expected_cash(book, money.currency, work.terms.paid or ()), money.cash)


async def _is_moving(work: Work) -> bool:
    """Whether an order, a fill, a move or a rate is missing or so young that the venue's money may not know of it."""
    account, now = work.terms.account, work.terms.now
    if await work.books.unresolved_orders(account):
        return True
    book = await work.books.cash_book(account)
    changed = [at for at in (book.last_fill_at, book.last_moved_at) if at is not None]
    return not book.is_complete or not all(is_settled(at, now) for at in changed)


async def _kind(work: Work, look: CashLook) -> CashKind:
    book = await work.books.cash_book(work.terms.account)
    held = await work.books.positions(work.terms.account)
    paid = work.terms.paid or ()
    on_margin = [one for one in held if one.instrument not in paid]
    rates = (await work.desk.trading.account()).conversion
    cost = sum((abs(one.cost) * rates.get(quote_of(one.instrument), Decimal(1)) for one in on_margin), Decimal(0))
    return kind_of(book, look.amount, on_margin=cost, holds=bool(held))
