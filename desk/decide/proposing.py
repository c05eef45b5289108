"""From signals to sized proposals, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from desk.decide.closures import told_closed, why_closed
from desk.decide.entries import propose_entry
from desk.decide.policy import Policy
from desk.decide.reducing import reduce_exposure
from desk.decide.remaining import remaining
from desk.decide.sides import siblings, why_elsewhere
from desk.decide.voting import forecasters, hold_vote, lead_of
from desk.model.books import Position, Quote, Snapshot
from desk.model.cycle import Decision
from desk.model.figures import told_apart
from desk.model.instrument import Side
from desk.model.orders import Barriers
from desk.model.reasons import Reason
from desk.model.regimes import NOTHING_KNOWN
from desk.model.trade import Intention, NoTrade, Proposal
from desk.model.views import Signal
from desk.model.votes import Vote

Answer = Proposal | NoTrade
"""What an instrument leads to."""


def propose_trades(policy: Policy, snapshot: Snapshot, decision: Decision) -> Decision:
    """Turn signals into sized proposals, or say why there is none.

    Exits of the vote come first, then what the strategies that act on the book take back, then the vote's entries.
    What was passed over before because its candles are old is told as closed where its market is: only the snapshot
    knows that.
    """
    answers = {name: _propose(policy, snapshot, decision, name) for name in remaining(policy, decision)}
    answers = reduce_exposure(policy, snapshot, decision, answers)
    if policy.sides is not None:
        answers = _one_market_each(snapshot, answers)
    found = [answer for answer in answers.values() if isinstance(answer, NoTrade)]
    before = (told_closed(snapshot, no_trade) for no_trade in decision.no_trades)
    told = (*before, *found, *_not_configured(policy, snapshot))
    gone = snapshot.delisted
    listed = (no_trade for no_trade in told if no_trade.instrument not in gone)
    return replace(
        decision,
        proposals=(*decision.proposals, *(answer for answer in answers.values() if isinstance(answer, Proposal))),
        no_trades=(*listed, *_delisted(snapshot, sorted(gone))),
    )


def _propose(policy: Policy, snapshot: Snapshot, decision: Decision, name: str) -> Answer:
    quote = snapshot.quotes.get(name)
    if quote is None:
        return NoTrade(name, Reason.NO_DATA, "expected a quote, found none")
    if closed := why_closed(snapshot, name):
        return closed
    signals = tuple(signal for signal in decision.signals if signal.instrument == name)
    position, regime = snapshot.own_position(name), decision.conditions.get(name, NOTHING_KNOWN).regime
    if position is not None:
        vote = hold_vote(policy, snapshot, signals, regime, owner=position.strategy)
        return _propose_exit(policy, position, quote, signals, vote)
    if name in snapshot.external:
        return NoTrade(name, Reason.EXTERNAL_POSITION, _describe_external(snapshot, name))
    if name in snapshot.blocked:
        return NoTrade(name, Reason.UNRESOLVED_ORDER, f"order {snapshot.blocked[name]} has no known outcome")
    if snapshot.quantity(name) != 0:
        return NoTrade(name, Reason.POSITION_HELD, "an order is still working")
    if name in policy.only_to_close:
        detail = f"nothing is opened here any more; `desk universe {policy.account}` says why"
        return NoTrade(name, Reason.NOT_IN_UNIVERSE, detail)
    vote = hold_vote(policy, snapshot, signals, regime)
    lead = lead_of(vote, signals)
    return _why_not(policy, snapshot, decision, vote, signals) or propose_entry(
        policy, snapshot, snapshot.instruments[name], signals, vote, lead, decision.plans.get((lead.strategy, name))
    )


def _why_not(
    policy: Policy, snapshot: Snapshot, decision: Decision, vote: Vote, signals: tuple[Signal, ...]
) -> NoTrade | None:
    """Why the vote opens nothing, where it does not."""
    name, score, arithmetic = signals[0].instrument, vote.score, "" if vote.is_plain else f"; vote: {vote}"
    if vote.voices and not vote.heard:
        return NoTrade(name, Reason.REGIME, str(vote))
    if score == 0:
        voting = forecasters(policy)
        told = "; ".join(f"{signal.strategy}: {signal.reason}" for signal in signals if signal.strategy in voting)
        return NoTrade(name, Reason.NO_SIGNAL, (told or "no strategy of the account forecasts") + arithmetic)
    if abs(score) < policy.entry_score:
        lead = lead_of(vote, signals)
        compared = _compared(score, policy.entry_score)
        return NoTrade(name, Reason.BELOW_THRESHOLD, f"{compared}; {lead.strategy}: {lead.reason}{arithmetic}")
    side = Side.BUY if score > 0 else Side.SELL
    if policy.sides is not None and (
        why := why_elsewhere(name, side, policy.instruments, policy.sides, snapshot, decision.conditions)
    ):
        return NoTrade(name, Reason.OTHER_MARKET, f"score {score:+.2f}; {why}")
    return None


def _compared(score: float, threshold: float) -> str:
    size, least = told_apart(abs(score), threshold, lambda value, more: f"{value:.{2 + more}f}")
    return f"score {'-' if score < 0 else '+'}{size}, threshold {least}"


def _describe_external(snapshot: Snapshot, name: str) -> str:
    held = snapshot.position(name)
    total = held.quantity if held else Decimal(0)
    return f"the venue holds {total:f}, of which the desk traded {total - snapshot.external[name]:f}"


def _propose_exit(policy: Policy, position: Position, quote: Quote, signals: tuple[Signal, ...], vote: Vote) -> Answer:
    name, score = position.instrument, vote.score
    against = -score * position.side.sign
    if against <= 0 or against < policy.exit_score:
        held = f"{position.side} {abs(position.quantity)} since {position.opened_at:%Y-%m-%d %H:%M}Z"
        arithmetic = "" if vote.is_plain else f"; vote: {vote}"
        return NoTrade(name, Reason.POSITION_HELD, f"{held}; score {score:+.2f}{arithmetic}")
    side = position.side.opposite
    return Proposal(
        strategy=position.strategy or lead_of(vote, signals).strategy,
        instrument=name,
        candle_close=signals[0].candle_close,
        side=side,
        intention=Intention.CLOSE,
        quantity=abs(position.quantity),
        reference_price=quote.price_for(side),
        barriers=Barriers(),
        signals=signals,
        vote=vote,
    )


def _one_market_each(snapshot: Snapshot, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Let one market of an asset open a position in a decision: an offset before a vote, the first one of several."""
    opening = {name: answer for name, answer in answers.items() if _opens(answer)}
    found = dict(answers)
    for name in opening:
        same = siblings(name, opening, snapshot.instruments)
        first = min(same, key=lambda other: (not _offsets(opening[other]), same.index(other)))
        if name != first:
            found[name] = NoTrade(name, Reason.OTHER_MARKET, f"{first}, of the same asset, is traded by this decision")
    return found


def _opens(answer: Answer) -> bool:
    return isinstance(answer, Proposal) and answer.intention is Intention.OPEN


def _offsets(answer: Answer) -> bool:
    return isinstance(answer, Proposal) and bool(answer.offsets)


def _delisted(snapshot: Snapshot, gone: Sequence[str]) -> list[NoTrade]:
    """What stays because nobody can trade it here; that comes before every other reason."""
    return [
        NoTrade(
            name,
            Reason.DELISTED,
            f"{snapshot.quantity(name):f} is held or ordered, and its source does not list it any more; it stays until "
            "the venue settles it or it is closed by hand",
        )
        for name in gone
    ]


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
