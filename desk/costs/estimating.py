"""Adds up what a proposed trade is expected to cost from its entry to its exit, in account currency."""

from datetime import timedelta
from decimal import ROUND_CEILING, Context, Decimal, localcontext
from math import isfinite

from desk.costs.financing import financing_fraction, holding_time
from desk.costs.slippage import slippage_fraction
from desk.costs.terms import CostTerms
from desk.model.books import Quote, Snapshot
from desk.model.costs import CostEstimate
from desk.model.instrument import InstrumentKind
from desk.model.trade import Proposal

_CONTEXT, _EXACT = Context(prec=28), Context(prec=60)
_STEP = Decimal("0.00000001")
_ONE_BP = Decimal("0.0001")


def estimate_cost(
    terms: CostTerms,
    proposal: Proposal,
    snapshot: Snapshot,
    *,
    time_limit: timedelta | None,
    funding_rate: float | None = None,
) -> CostEstimate | None:
    """Return the costs of the whole round trip at the proposal's quantity; None where it cannot be valued.

    Entry and exit are valued at the reference price: where the trade ends is not known. Every part is rounded up at
    the eighth decimal.

    Args:
        terms: of the account.
        proposal: an opening one.
        snapshot: gives quote, rate, what is usual, and the strategy's last trades.
        time_limit: after which the position is closed; None for none.
        funding_rate: what a long pays a short for eight hours, as a fraction of the notional.
    """
    quote, rate = snapshot.quotes.get(proposal.instrument), snapshot.rate(proposal.instrument)
    if quote is None or rate is None or rate <= 0 or proposal.reference_price <= 0:
        return None
    if not (quote.bid.is_finite() and quote.ask.is_finite()):
        return None
    instrument = snapshot.instruments[proposal.instrument]
    held = _held_for(terms, instrument.kind, proposal, snapshot, time_limit)
    with localcontext(_CONTEXT):
        notional = proposal.quantity * proposal.reference_price
        slippage = slippage_fraction(terms, snapshot.surroundings, proposal.instrument, notional)
        spread = _spread_fraction(terms, quote, snapshot.surroundings.usual_spread.get(proposal.instrument))
        financing = financing_fraction(terms, instrument.kind, proposal.side, held, funding_rate)
        value = notional * rate
        return CostEstimate(
            fees=_rounded(2 * value * terms.taker_fee_bps * _ONE_BP),
            spread=_rounded(value * spread),
            slippage=_rounded(2 * value * slippage),
            financing=_rounded(value * financing),
            conversion=_rounded(_conversion(terms, proposal, snapshot, rate)),
        )


def _held_for(
    terms: CostTerms, kind: InstrumentKind, proposal: Proposal, snapshot: Snapshot, time_limit: timedelta | None
) -> timedelta:
    """How long the position is expected to be held; what is owned costs nothing, however long that is."""
    if kind is InstrumentKind.SPOT:
        return timedelta(0)
    return holding_time(terms, snapshot.closed_trades, proposal.strategy, time_limit)


def _spread_fraction(terms: CostTerms, quote: Quote, usual: float | None) -> Decimal:
    """Half of the spread of now and half of what is usual at this hour, as a fraction of the price."""
    width = quote.ask - quote.bid
    now = width / quote.mid if width > 0 and quote.mid > 0 else 2 * terms.half_spread_bps * _ONE_BP
    later = now if usual is None or not isfinite(usual) or usual < 0 else Decimal(f"{usual:.12g}")
    return (now + later) / 2


def _conversion(terms: CostTerms, proposal: Proposal, snapshot: Snapshot, rate: Decimal) -> Decimal:
    """What the venue takes of the larger of what may be lost and won, where that is in another currency."""
    if snapshot.instruments[proposal.instrument].quote == snapshot.money.currency:
        return Decimal(0)
    ends = [price for price in (proposal.barriers.stop, proposal.barriers.target) if price is not None]
    # Without a stop or a target nothing bounds what is converted but the value of the position.
    furthest = max((abs(price - proposal.reference_price) for price in ends), default=proposal.reference_price)
    return proposal.quantity * furthest * rate * terms.conversion_bps * _ONE_BP


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_STEP, ROUND_CEILING, _EXACT)
