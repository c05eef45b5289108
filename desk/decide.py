"""The pure middle: from closed candles and a snapshot to order intents, the same for a live scan and a backtest.

Each stage takes the decision so far and returns it with its own part added; `decide` is all stages in a row. Every
instrument ends with a reason or with a proposal, and every proposal with a verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from desk.execution.breaker import BreakerLimits
from desk.execution.plan import plan_orders
from desk.model.books import Position, Quote, Snapshot, TradingState
from desk.model.cycle import Decision
from desk.model.instrument import Instrument, Side
from desk.model.market import Market
from desk.model.orders import Barriers
from desk.model.reasons import Reason
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.model.trade import Finding, Intention, NoTrade, Proposal, Verdict, VerdictState
from desk.model.views import Signal
from desk.plugin import RiskRule, Sizing, Strategy


@dataclass(frozen=True, slots=True)
class WeightedStrategy:
    """A strategy and how much its score counts beside the others'; `weight` is above 0."""

    strategy: Strategy
    weight: float


@dataclass(frozen=True, slots=True)
class Policy:
    """How an account decides.

    Attributes:
        timeframe: of the candles that it acts on.
        entry_score: in (0, 1]; the combined score must reach it for a position to be opened.
        exit_score: in [0, 1]; the combined score against a position must reach it for the position to be closed.
        time_limit: how long a position may stay open; None for as long as it takes.
        lookback: closed candles that a strategy sees, per timeframe.
        breaker: from where on the account trades less, whatever is decided.
    """

    account: str
    timeframe: Timeframe
    instruments: tuple[str, ...]
    strategies: tuple[WeightedStrategy, ...]
    sizing: Sizing
    rules: tuple[RiskRule, ...]
    entry_score: float
    exit_score: float
    time_limit: timedelta | None
    lookback: int
    breaker: BreakerLimits = field(default_factory=BreakerLimits)

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Every timeframe that the strategies read, the account's own first."""
        others = (timeframe for weighted in self.strategies for timeframe in weighted.strategy.timeframes)
        return tuple(dict.fromkeys((self.timeframe, *others)))


def decide(policy: Policy, snapshot: Snapshot, markets: Mapping[str, Market], candle_close: datetime) -> Decision:
    """Decide what to do about the candles that closed at `candle_close`.

    Args:
        policy: how the account decides.
        snapshot: what it owns and what the market says now.
        markets: closed candles by instrument; an instrument without any is passed over.
        candle_close: names the cycle; a market whose newest candle is older is stale.
    """
    decision = compute_signals(policy, markets, candle_close, Decision())
    decision = propose_trades(policy, snapshot, decision)
    return risk_check(policy, snapshot, decision)


def compute_signals(
    policy: Policy, markets: Mapping[str, Market], candle_close: datetime, decision: Decision
) -> Decision:
    """Ask every strategy about every instrument that has not dropped out."""
    signals: list[Signal] = []
    no_trades: list[NoTrade] = []
    for name in _remaining(policy, decision):
        answer = _judge(policy, markets.get(name), name, candle_close)
        if isinstance(answer, NoTrade):
            no_trades.append(answer)
        else:
            signals.extend(answer)
    return replace(decision, signals=(*decision.signals, *signals), no_trades=(*decision.no_trades, *no_trades))


def propose_trades(policy: Policy, snapshot: Snapshot, decision: Decision) -> Decision:
    """Turn signals into sized proposals, or say why there is none."""
    proposals: list[Proposal] = []
    no_trades: list[NoTrade] = []
    for name in _remaining(policy, decision):
        signals = tuple(signal for signal in decision.signals if signal.instrument == name)
        answer = _propose(policy, snapshot, name, signals)
        if isinstance(answer, NoTrade):
            no_trades.append(answer)
        else:
            proposals.append(answer)
    no_trades += _not_configured(policy, snapshot)
    return replace(decision, proposals=(*decision.proposals, *proposals), no_trades=(*decision.no_trades, *no_trades))


def risk_check(policy: Policy, snapshot: Snapshot, decision: Decision) -> Decision:
    """Ask every rule about every proposal, closing ones first, and plan the orders of what is left.

    What was approved counts against the limits of the proposals after it. A closing trade frees no room until it
    has been filled.
    """
    verdicts: list[Verdict] = []
    for proposal in sorted(decision.proposals, key=lambda proposal: proposal.intention is Intention.OPEN):
        verdict = review(policy, snapshot, proposal)
        verdicts.append(verdict)
        if proposal.intention is Intention.OPEN:
            snapshot = snapshot.with_pending(proposal.instrument, verdict.quantity * proposal.side.sign)
    intents = plan_orders(policy.account, verdicts)
    return replace(decision, verdicts=tuple(verdicts), intents=intents)


def review(policy: Policy, snapshot: Snapshot, proposal: Proposal) -> Verdict:
    """Ask every rule about one proposal; a trade that reduces a position always passes."""
    instrument = snapshot.instruments[proposal.instrument]
    if proposal.intention is Intention.CLOSE:
        return Verdict(proposal, VerdictState.APPROVED, proposal.quantity, ())
    findings = [_state_finding(snapshot, proposal), *(rule.review(proposal, snapshot) for rule in policy.rules)]
    allowed = min(finding.allowed_quantity for finding in findings)
    findings.append(_size_finding(instrument, proposal, allowed))
    quantity = findings[-1].allowed_quantity
    if quantity == 0:
        state = VerdictState.REFUSED
    elif quantity < instrument.round_quantity(proposal.quantity):
        state = VerdictState.REDUCED
    else:
        state = VerdictState.APPROVED
    return Verdict(proposal, state, quantity, tuple(findings))


def _remaining(policy: Policy, decision: Decision) -> list[str]:
    dropped = {no_trade.instrument for no_trade in decision.no_trades}
    return [name for name in policy.instruments if name not in dropped]


def _judge(policy: Policy, market: Market | None, name: str, candle_close: datetime) -> tuple[Signal, ...] | NoTrade:
    if market is None or len(market.own) == 0:
        return NoTrade(name, Reason.NO_DATA, f"expected {policy.timeframe} candles, found none")
    if market.own.closed_at != candle_close:
        detail = f"the newest {policy.timeframe} candle closed at {market.own.closed_at:%Y-%m-%d %H:%M}Z"
        return NoTrade(name, Reason.STALE_DATA, f"{detail}, expected {candle_close:%Y-%m-%d %H:%M}Z")
    signals: list[Signal] = []
    for weighted in policy.strategies:
        signal = _signal(weighted.strategy, market, candle_close)
        if isinstance(signal, NoTrade):
            return signal
        signals.append(signal)
    return tuple(signals)


def _signal(strategy: Strategy, market: Market, candle_close: datetime) -> Signal | NoTrade:
    name, found = market.instrument, len(market.own)
    if found <= strategy.warm_up:
        detail = f"{strategy.name} needs more than {strategy.warm_up} candles, found {found}"
        return NoTrade(name, Reason.WARMING_UP, detail)
    try:
        scores = strategy.evaluate(market)
    except Exception as error:  # noqa: BLE001 - a strategy is a plug-in; its failure costs its instrument, not the cycle
        return NoTrade(name, Reason.STRATEGY_FAILED, f"{strategy.name}: {type(error).__name__}: {error}")
    score, stop, target = (float(values[-1]) for values in (scores.score, scores.stop, scores.target))
    if not (-1 <= score <= 1 and 0 < stop < np.inf and 0 < target < np.inf):
        detail = f"{strategy.name}: expected a score in [-1, 1] and distances above 0"
        return NoTrade(name, Reason.STRATEGY_FAILED, f"{detail}, found score {score}, stop {stop}, target {target}")
    return Signal(strategy.name, name, candle_close, score, stop, target, _explain(score, scores))


def _explain(score: float, scores: Scores) -> str:
    view = "no opinion" if score == 0 else f"{'long' if score > 0 else 'short'} {abs(score):.2f}"
    values = ", ".join(f"{name} {float(values[-1]):.6g}" for name, values in scores.features.items())
    return f"{view}: {values}" if values else view


def _propose(policy: Policy, snapshot: Snapshot, name: str, signals: tuple[Signal, ...]) -> Proposal | NoTrade:
    quote = snapshot.quotes.get(name)
    if quote is None:
        return NoTrade(name, Reason.NO_DATA, "expected a quote, found none")
    if not quote.tradable:
        return NoTrade(name, Reason.MARKET_CLOSED, f"the last quote is of {quote.at:%Y-%m-%d %H:%M}Z")
    score, lead = _combine(policy, signals)
    position = snapshot.own_position(name)
    if position is not None:
        return _propose_exit(policy, position, quote, signals, score)
    if name in snapshot.external:
        return NoTrade(name, Reason.EXTERNAL_POSITION, _describe_external(snapshot, name))
    if name in snapshot.blocked:
        return NoTrade(name, Reason.UNRESOLVED_ORDER, f"order {snapshot.blocked[name]} has no known outcome")
    if snapshot.quantity(name) != 0:
        return NoTrade(name, Reason.POSITION_HELD, "an order is still working")
    if score == 0:
        return NoTrade(name, Reason.NO_SIGNAL, "; ".join(f"{signal.strategy}: {signal.reason}" for signal in signals))
    if abs(score) < policy.entry_score:
        detail = f"score {score:+.2f}, threshold {policy.entry_score:.2f}; {lead.strategy}: {lead.reason}"
        return NoTrade(name, Reason.BELOW_THRESHOLD, detail)
    return _propose_entry(policy, snapshot, snapshot.instruments[name], signals, lead)


def _describe_external(snapshot: Snapshot, name: str) -> str:
    held = snapshot.position(name)
    total = held.quantity if held else Decimal(0)
    return f"the venue holds {total:f}, of which the desk traded {total - snapshot.external[name]:f}"


def _not_configured(policy: Policy, snapshot: Snapshot) -> list[NoTrade]:
    """What the desk holds without a strategy that judges it: stop, target and time limit still end it."""
    held = (snapshot.own_position(position.instrument) for position in snapshot.positions)
    strays = (position for position in held if position is not None and position.instrument not in policy.instruments)
    return [
        NoTrade(
            position.instrument,
            Reason.NOT_CONFIGURED,
            f"{position.side} {abs(position.quantity)} is held and no strategy judges it; it ends by its stop, its "
            "target or its time limit, or by hand",
        )
        for position in strays
    ]


def _combine(policy: Policy, signals: tuple[Signal, ...]) -> tuple[float, Signal]:
    """The weighted mean of the scores that are an opinion, and the signal that leads it."""
    weights = {weighted.strategy.name: weighted.weight for weighted in policy.strategies}
    voices = [(weights[signal.strategy], signal) for signal in signals if signal.score != 0]
    if not voices:
        return 0.0, signals[0]
    score = sum(weight * signal.score for weight, signal in voices) / sum(weight for weight, _ in voices)
    agreeing = [(weight, signal) for weight, signal in voices if signal.score * score > 0] or voices
    return score, max(agreeing, key=lambda voice: voice[0] * abs(voice[1].score))[1]


def _propose_exit(
    policy: Policy, position: Position, quote: Quote, signals: tuple[Signal, ...], score: float
) -> Proposal | NoTrade:
    name = position.instrument
    against = -score * position.side.sign
    if against <= 0 or against < policy.exit_score:
        held = f"{position.side} {abs(position.quantity)} since {position.opened_at:%Y-%m-%d %H:%M}Z"
        return NoTrade(name, Reason.POSITION_HELD, f"{held}; score {score:+.2f}")
    side = position.side.opposite
    return Proposal(
        strategy=position.strategy or signals[0].strategy,
        instrument=name,
        candle_close=signals[0].candle_close,
        side=side,
        intention=Intention.CLOSE,
        quantity=abs(position.quantity),
        reference_price=quote.price_for(side),
        barriers=Barriers(),
        signals=signals,
    )


def _propose_entry(
    policy: Policy, snapshot: Snapshot, instrument: Instrument, signals: tuple[Signal, ...], lead: Signal
) -> Proposal | NoTrade:
    name = instrument.name
    side = Side.BUY if lead.score > 0 else Side.SELL
    if side is Side.SELL and not instrument.can_short:
        return NoTrade(name, Reason.SHORT_NOT_AVAILABLE, f"{lead.strategy}: {lead.reason}")
    if snapshot.rate(name) is None:
        detail = f"expected a rate from {instrument.quote} to {snapshot.money.currency}, found none"
        return NoTrade(name, Reason.NO_CONVERSION_RATE, detail)
    price = snapshot.quotes[name].price_for(side)
    barriers = _barriers(policy, instrument, side, price, lead)
    if barriers.stop is None or (price - barriers.stop) * side.sign <= 0 or barriers.stop <= 0:
        return NoTrade(name, Reason.NO_RISK_BUDGET, f"a stop {lead.stop_distance:.6g} from {price} is not possible")
    quantity = policy.sizing.size(instrument, price, abs(price - barriers.stop), snapshot)
    if instrument.round_quantity(quantity) == 0:
        detail = f"{policy.sizing.name} allows {quantity:.8f}, the smallest step is {instrument.lot}"
        return NoTrade(name, Reason.NO_RISK_BUDGET, detail)
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
    )


def _barriers(policy: Policy, instrument: Instrument, side: Side, price: Decimal, lead: Signal) -> Barriers:
    """Stop and target on the tick; the stop is rounded towards the entry, so that the risk only gets smaller."""
    stop = price - side.sign * Decimal(repr(lead.stop_distance))
    target = price + side.sign * Decimal(repr(lead.target_distance))
    return Barriers(
        stop=instrument.round_price_for(side.opposite, stop),
        target=instrument.round_price_for(side.opposite, target) if target > 0 else None,
        time_limit=policy.time_limit,
    )


def _state_finding(snapshot: Snapshot, proposal: Proposal) -> Finding:
    reasons = {TradingState.HALTED: Reason.TRADING_HALTED, TradingState.REDUCE_ONLY: Reason.REDUCE_ONLY}
    found = snapshot.restriction_on(proposal.strategy, proposal.instrument)
    reason = reasons.get(found.state)
    allowed = proposal.quantity if reason is None else Decimal(0)
    detail = "" if reason is None else str(found)
    return Finding("trading_state", allowed, proposal.quantity, allowed, "base units", reason, detail)


def _size_finding(instrument: Instrument, proposal: Proposal, allowed: Decimal) -> Finding:
    """What is left on the venue's grid; less than its smallest order is nothing."""
    quantity = instrument.round_quantity(allowed)
    least = max(instrument.minimum_quantity, instrument.minimum_notional / proposal.reference_price)
    too_small = quantity < least
    # Where a rule has refused already, the size is not what stood in the way.
    reason = Reason.BELOW_MINIMUM_SIZE if too_small and allowed > 0 else None
    return Finding("venue_minimum", Decimal(0) if too_small else quantity, least, quantity, "base units", reason)
