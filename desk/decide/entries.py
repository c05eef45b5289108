"""The sized wish to open a position, with the barriers at which it ends."""

from dataclasses import replace
from decimal import Decimal

from desk.decide.policy import Policy
from desk.model.books import Snapshot
from desk.model.facts import exact
from desk.model.instrument import Instrument, Side
from desk.model.orders import Barriers
from desk.model.reasons import Reason
from desk.model.trade import Intention, NoTrade, Proposal
from desk.model.views import Plan, Signal
from desk.model.votes import Vote


def propose_entry(
    policy: Policy,
    snapshot: Snapshot,
    instrument: Instrument,
    signals: tuple[Signal, ...],
    vote: Vote,
    lead: Signal,
    plan: Plan | None = None,
) -> Proposal | NoTrade:
    """Return what `lead` leads to, as `plan` says where it follows one, or why there is no trade."""
    name, share = instrument.name, exact(plan.size) if plan else Decimal(1)
    side = Side.BUY if lead.score > 0 else Side.SELL
    if side is Side.SELL and not instrument.can_short:
        return NoTrade(name, Reason.SHORT_NOT_AVAILABLE, f"{lead.strategy}: {lead.reason}")
    if snapshot.rate(name) is None:
        detail = f"expected a rate from {instrument.quote} to {snapshot.money.currency}, found none"
        return NoTrade(name, Reason.NO_CONVERSION_RATE, detail)
    price = snapshot.quotes[name].price_for(side)
    barriers = barriers_for(policy, instrument, side, price, lead)
    if barriers is None or barriers.stop is None:
        return NoTrade(name, Reason.NO_RISK_BUDGET, f"a stop {lead.stop_distance:.6g} from {price} is not possible")
    quantity = size_of(policy, snapshot, instrument, price, abs(price - barriers.stop), lead.strategy, share)
    if isinstance(quantity, NoTrade):
        return quantity
    return Proposal(
        strategy=lead.strategy,
        instrument=name,
        candle_close=lead.candle_close,
        side=side,
        intention=Intention.OPEN,
        quantity=quantity,
        reference_price=price,
        barriers=barriers,
        signals=signals,
        conviction=abs(lead.score) if plan else 1,
        trigger=plan.trigger if plan else "",
        vote=vote,
    )


def size_of(
    policy: Policy,
    snapshot: Snapshot,
    instrument: Instrument,
    price: Decimal,
    stop_distance: Decimal,
    strategy: str,
    share: Decimal = Decimal(1),
) -> Decimal | NoTrade:
    """Return a share of what the sizing allows, above 0 on the lot but not rounded to it yet; or why it is nothing."""
    sizing, name = policy.sizing, instrument.name
    if not instrument.is_linear:
        detail = f"it is quoted in {instrument.quote} and settles in {instrument.settlement}"
        return NoTrade(name, Reason.UNSUPPORTED_CONTRACT, detail)
    if missing := sizing.lacks(instrument, snapshot, strategy):
        return NoTrade(name, Reason.NOT_KNOWN, f"{sizing.name} needs {missing}")
    quantity = sizing.size(instrument, price, stop_distance, _allocated(policy, snapshot), strategy) * share
    if instrument.round_quantity(quantity) == 0:
        detail = f"{sizing.name} allows {quantity:.8f}, the smallest step is {instrument.lot}"
        return NoTrade(name, Reason.NO_RISK_BUDGET, detail)
    return quantity


def _allocated(policy: Policy, snapshot: Snapshot) -> Snapshot:
    """The snapshot with as much money as the account may count on.

    The rest of the equity is taken from the cash as a whole: what was spent on coins came out of the allocated part.
    """
    if policy.allocation == 1:
        return snapshot
    money, equity = snapshot.money, snapshot.money.equity * policy.allocation
    cash = max(Decimal(0), money.cash - (money.equity - equity))
    return replace(snapshot, money=replace(money, equity=equity, cash=cash))


def barriers_for(policy: Policy, instrument: Instrument, side: Side, price: Decimal, lead: Signal) -> Barriers | None:
    """Return stop and target on the tick, or None where the stop is at the price or not above 0.

    The stop is rounded towards the entry, so that the risk only gets smaller; a target below 0 is none.
    """
    stop = instrument.round_price_for(side.opposite, price - side.sign * Decimal(repr(lead.stop_distance)))
    target = price + side.sign * Decimal(repr(lead.target_distance))
    if (price - stop) * side.sign <= 0 or stop <= 0:
        return None
    return Barriers(
        stop=stop,
        target=instrument.round_price_for(side.opposite, target) if target > 0 else None,
        time_limit=policy.time_limit,
    )
