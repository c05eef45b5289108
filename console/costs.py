"""Prints what closed trades were expected to cost, beside what they did cost, by account, strategy and instrument."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from console.ledgers import ask
from console.naming import accounts_for_each
from console.showing import print_rows
from console.times import parse_since
from desk.accounts import Fleet, load_fleet
from desk.adapters.ledger.costs import PaidTrade
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.model.costs import CostEstimate
from desk.model.scopes import ALL

Row = dict[str, object]

_NOTHING = Decimal(0)
_SHOWN = Decimal("0.01")
_EXPECTED_KINDS = ("spread", "financing", "conversion")


def show_costs(accounts: Sequence[str], *, since: str | None, as_json: bool) -> int:
    """Print a row for each account, strategy and instrument that closed a trade which had an estimate, or not.

    Raises:
        NotUnderstood: there is no such account, or `since` is neither a time nor a length.
    """
    fleet, start = load_fleet(settings().config), parse_since(since)
    names = accounts_for_each(fleet, accounts or [ALL])

    async def read(ledger: Ledger) -> list[PaidTrade]:
        return [trade for name in names for trade in await ledger.paid_trades(name, start)]

    rows = [_row(fleet, trades, as_json=as_json) for trades in _grouped(ask(read)).values()]
    print_rows(rows, as_json=as_json, empty="no closed trades")
    return 0


def _grouped(trades: Iterable[PaidTrade]) -> Mapping[tuple[str, str, str], list[PaidTrade]]:
    groups: dict[tuple[str, str, str], list[PaidTrade]] = {}
    for trade in trades:
        groups.setdefault((trade.account, trade.strategy, trade.instrument), []).append(trade)
    return dict(sorted(groups.items()))


def _row(fleet: Fleet, trades: Sequence[PaidTrade], *, as_json: bool) -> Row:
    """One line of figures in account currency; only trades that had an estimate are compared."""
    first = trades[0]
    pairs = [(trade, trade.expected) for trade in trades if trade.expected is not None]
    estimates = [expected for _, expected in pairs]
    slipped = [(trade.entry_slippage, one) for trade, one in pairs if trade.entry_slippage is not None]
    figures = {
        "fees expected": sum((one.fees for one in estimates), _NOTHING),
        "fees paid": sum((trade.fees for trade, _ in pairs), _NOTHING),
        # Half of what both fills are expected to slip; the reference price of an exit at a stop is not a quote.
        "entry slippage expected": sum((one.slippage / 2 for _, one in slipped), _NOTHING),
        "entry slippage paid": sum((paid for paid, _ in slipped), _NOTHING),
        **{f"{kind} expected": _sum_of(kind, estimates) for kind in _EXPECTED_KINDS},
        # What a venue settles with its fees is among those.
        "financing paid": sum((trade.financing for trade, _ in pairs), _NOTHING),
    }
    return {
        "account": first.account,
        "strategy": first.strategy,
        "instrument": first.instrument,
        "trades": len(trades),
        "estimated": len(pairs),
        **(figures if as_json else {heading: _shown(amount) for heading, amount in figures.items()}),
        "currency": fleet.account(first.account).currency,
    }


def _sum_of(kind: str, estimates: Iterable[CostEstimate]) -> Decimal:
    return sum((getattr(one, kind) for one in estimates), _NOTHING)


def _shown(amount: Decimal) -> str:
    """With cents, or with two digits where it is less than that."""
    if amount == 0 or abs(amount) >= _SHOWN:
        return f"{amount:,.2f}"
    return f"{amount:.2g}" if abs(amount) >= Decimal("0.0001") else "0.00"
