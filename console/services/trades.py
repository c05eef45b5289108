"""Trades of the whole fleet, open and closed: filtered, page by page, and as a table for a spreadsheet."""

import csv
from collections.abc import AsyncIterator
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from decimal import Decimal
from io import StringIO

from console.failures import NotUnderstood
from console.naming import account_of
from console.services.figures import Figures
from console.services.opening import OpenDesk
from console.services.paging import Page, Turn, page_of
from console.times import parse_since, parse_time
from desk.accounts import Fleet
from desk.accounts.problems import suggestion
from desk.adapters.ledger.trade_lists import ListedTrade, TradeOutcome, TradeQuestion
from desk.model.instrument import Side

_ROWS = 500
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula."""


@dataclass(frozen=True, slots=True)
class TradeFilter:
    """Which trades a person asks for, as it is typed; what is empty leaves nothing out.

    Attributes:
        outcome: open, won or lost.
        since, until: opened from then on, and before then: a time, or for `since` a length such as 7d.
    """

    account: str = ""
    instrument: str = ""
    strategy: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class FleetTrade:
    """A round trip; amounts in `currency`, prices in the instrument's quote currency.

    Attributes:
        quantity: all that was entered, in base units.
        exit_price, closed_at: None while nothing was closed, or not everything.
        profit: realised so far, after fees.
        entry_slippage: how much worse than the price that was decided on the entry was filled; below 0 for better.
        risk: what would have been lost at the first stop.
        multiple: the profit in units of that risk (R); None while it is open, or the risk is not known.
        mae, mfe: how far the price went against it (0 or less) and for it (0 or more) while it was held, in units of
            that risk; None where the risk or the way is not known.
        worst_price, best_price: the prices at which that was so; None where the way was not seen.
        entry_candle_close: of the cycle that opened it; None where the desk did not.
    """

    account: str
    instrument: str
    strategy: str
    side: Side
    opened_at: datetime
    closed_at: datetime | None
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal | None
    exit_reason: str
    profit: Decimal
    fees: Decimal
    entry_slippage: Decimal | None
    risk: Decimal | None
    multiple: float | None
    mae: float | None
    mfe: float | None
    worst_price: Decimal | None
    best_price: Decimal | None
    currency: str
    entry_candle_close: datetime | None


def figures_of(trade: FleetTrade) -> Figures:
    """Return what is shown of a trade where trades stand below each other."""
    prices = (trade.entry_price, trade.exit_price, trade.worst_price, trade.best_price)
    return Figures(trade.account, trade.instrument, prices, (trade.quantity,))


async def fleet_trades(desk: OpenDesk, wanted: TradeFilter, turn: Turn) -> Page[FleetTrade]:
    """Return trades of the fleet, those opened last first.

    Raises:
        NotUnderstood: there is no such account, outcome, time or page.
    """
    found = await desk.ledger.trades_of(_question(desk.fleet, wanted), before=turn.place, limit=turn.limit + 1)
    listed = page_of(found, turn, lambda one: one.place)
    return Page(tuple(_told(desk.fleet, one) for one in listed.rows), listed.next)


async def trades_as_csv(desk: OpenDesk, wanted: TradeFilter) -> AsyncIterator[str]:
    """Yield all trades of a filter as a table of comma-separated values, in parts; times are UTC.

    Raises:
        NotUnderstood: there is no such account, outcome or time.
    """
    yield _line([field.name for field in fields(FleetTrade)])
    turn = Turn(limit=_ROWS)
    while True:
        page = await fleet_trades(desk, wanted, turn)
        yield "".join(_line([_cell(value) for value in astuple(trade)]) for trade in page.rows)
        if not page.next:
            return
        turn = Turn(page.next, _ROWS)


def _question(fleet: Fleet, wanted: TradeFilter) -> TradeQuestion:
    return TradeQuestion(
        accounts=[account_of(fleet, wanted.account).name] if wanted.account else list(fleet.accounts),
        instrument=wanted.instrument,
        strategy=wanted.strategy,
        outcome=_outcome(wanted.outcome),
        since=parse_since(wanted.since or None),
        until=parse_time(wanted.until) if wanted.until else None,
    )


def _outcome(text: str) -> TradeOutcome | None:
    if text and text not in tuple(TradeOutcome):
        raise NotUnderstood(f"expected open, won or lost, found '{text}'{suggestion(text, TradeOutcome)}")
    return TradeOutcome(text) if text else None


def _told(fleet: Fleet, listed: ListedTrade) -> FleetTrade:
    trade, risk = listed.trade, listed.risk
    profit = trade.realised_profit - trade.fees
    worst, best = listed.extremes or (None, None)
    return FleetTrade(
        account=trade.account,
        instrument=trade.instrument,
        strategy=trade.strategy,
        side=trade.side,
        opened_at=trade.opened_at,
        closed_at=trade.closed_at,
        quantity=trade.entry_quantity,
        entry_price=trade.entry_price,
        exit_price=trade.exit_price,
        exit_reason=trade.exit_reason,
        profit=profit,
        fees=trade.fees,
        entry_slippage=listed.entry_slippage,
        risk=risk,
        multiple=_in_risk(profit, risk) if trade.closed_at else None,
        mae=_in_risk(listed.mae, risk),
        mfe=_in_risk(listed.mfe, risk),
        worst_price=worst,
        best_price=best,
        currency=fleet.account(trade.account).currency,
        entry_candle_close=trade.entry_candle_close,
    )


def _in_risk(value: Decimal | None, risk: Decimal | None) -> float | None:
    return float(value / risk) if value is not None and risk else None


def _line(cells: list[str]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULAS) else text
