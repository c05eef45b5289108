"""Single facts of a snapshot, each as a number that can be reckoned with or as the reason why there is none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import TypeGuard

from desk.model.books import Quote, Snapshot
from desk.model.reasons import Reason
from desk.model.surroundings import OtherAccount
from desk.model.trade import Proposal

EXACT = Context(prec=100)
"""More digits than any sum of the desk has, so that what is not a division is exact."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that is needed and not known, and the code under which a trade is refused for want of it."""

    reason: Reason
    detail: str


def is_known(value: Decimal | None) -> TypeGuard[Decimal]:
    """Whether a price, a rate or an amount is a number above 0."""
    return value is not None and value.is_finite() and value > 0


def exact(value: float) -> Decimal:
    """Return the shortest decimal that stands for a float."""
    return Decimal(repr(float(value)))


def equity_of(snapshot: Snapshot) -> Decimal | Missing:
    """Return the account's equity, above 0."""
    equity = snapshot.money.equity
    if is_known(equity):
        return equity
    return Missing(Reason.NOT_KNOWN, f"expected an equity above 0, found {equity} {snapshot.money.currency}")


def quote_of(instrument: str, snapshot: Snapshot) -> Quote | Missing:
    """Return the quote of an instrument, with prices above 0 and a bid that is not above the ask."""
    quote = snapshot.quotes.get(instrument)
    if quote is None:
        return Missing(Reason.STALE_DATA, f"expected a quote of {instrument}, found none")
    if not is_known(quote.bid) or not is_known(quote.ask) or quote.bid > quote.ask:
        found = f"found bid {quote.bid} and ask {quote.ask}"
        return Missing(Reason.STALE_DATA, f"expected a quote of {instrument} with prices above 0, {found}")
    return quote


def rate_of(instrument: str, snapshot: Snapshot) -> Decimal | Missing:
    """Return what one unit of an instrument's quote currency is worth in the account's, above 0."""
    rate = snapshot.rate(instrument)
    if is_known(rate):
        return rate
    pair = f"from {snapshot.instruments[instrument].quote} to {snapshot.money.currency}"
    return Missing(Reason.NO_CONVERSION_RATE, f"expected a rate {pair}, found {_found(rate)}")


def unit_value(instrument: str, snapshot: Snapshot) -> Decimal | Missing:
    """Return what one base unit is worth in account currency, at the middle of its quote."""
    quote = quote_of(instrument, snapshot)
    if isinstance(quote, Missing):
        return quote
    rate = rate_of(instrument, snapshot)
    if isinstance(rate, Missing):
        return rate
    with localcontext(EXACT):
        return quote.mid * rate


def unit_values(instruments: Iterable[str], snapshot: Snapshot) -> dict[str, Decimal] | Missing:
    """Return what one base unit of each is worth in account currency, or the first that has no value."""
    values: dict[str, Decimal] = {}
    for name in instruments:
        value = unit_value(name, snapshot)
        if isinstance(value, Missing):
            return value
        values[name] = value
    return values


def stop_distance(proposal: Proposal) -> Decimal | Missing:
    """Return how far a proposal's stop is from its reference price, in price, above 0."""
    stop, price = proposal.barriers.stop, proposal.reference_price
    if stop is None:
        return Missing(Reason.NOT_KNOWN, "expected a stop, found none")
    if is_known(stop) and is_known(price) and (price - stop) * proposal.side.sign > 0:
        return abs(price - stop)
    where = "below" if proposal.side.sign > 0 else "above"
    return Missing(Reason.NOT_KNOWN, f"expected a stop {where} the price, found {stop} at the price {price}")


def other_accounts(snapshot: Snapshot) -> tuple[OtherAccount, ...] | Missing:
    """Return the other accounts of the fleet; none is a fact, too."""
    others = snapshot.surroundings.others
    return Missing(Reason.NOT_KNOWN, "the other accounts of the fleet are not known") if others is None else others


def fleet_equity(snapshot: Snapshot) -> Decimal | Missing:
    """Return the equity of all accounts of the fleet, this one included, in the account's currency; above 0."""
    return _above_zero(_fleet_sum(snapshot, snapshot.money.equity, lambda other: other.equity, "equity"))


def fleet_day_start(snapshot: Snapshot) -> Decimal | Missing:
    """Return the equity that all accounts had when the day began, in the account's currency; above 0."""
    start = _fleet_sum(snapshot, snapshot.day_start_equity, lambda other: other.day_start_equity, "equity at midnight")
    return _above_zero(start)


def fleet_exposure(snapshot: Snapshot) -> Decimal | Missing:
    """Return the absolute value of what the other accounts hold, in the account's currency."""
    return _fleet_sum(snapshot, Decimal(0), _exposure, "exposure")


def _fleet_sum(
    snapshot: Snapshot, own: Decimal, amount: Callable[[OtherAccount], Decimal | None], what: str
) -> Decimal | Missing:
    others, rate = other_accounts(snapshot), snapshot.surroundings.rate
    if isinstance(others, Missing):
        return others
    if not is_known(rate):
        pair = f"from {snapshot.money.currency} to the fleet's currency"
        return Missing(Reason.NO_CONVERSION_RATE, f"expected a rate {pair}, found {_found(rate)}")
    amounts = {snapshot.account: own, **{other.name: amount(other) for other in others}}
    unknown = sorted(name for name, value in amounts.items() if value is None or not value.is_finite())
    if unknown:
        return Missing(Reason.NOT_KNOWN, f"expected the {what} of {', '.join(unknown)}, found nothing")
    with localcontext(EXACT):
        return own + sum((value for other in others if (value := amount(other))), Decimal(0)) / rate


def _above_zero(amount: Decimal | Missing) -> Decimal | Missing:
    if isinstance(amount, Missing) or amount > 0:
        return amount
    return Missing(Reason.NOT_KNOWN, f"expected a fleet that owns more than nothing, found {amount:.2f}")


def _exposure(other: OtherAccount) -> Decimal | None:
    if other.exposure is None:
        return None
    with localcontext(EXACT):
        return sum((abs(value) for value in other.exposure.values()), Decimal(0))


def _found(value: Decimal | None) -> str:
    return "none" if value is None else str(value)
