"""Compares two decisions about the same candles: which instruments ended otherwise, and what led to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from desk.model.cycle import Decision
from desk.model.trade import NoTrade, Verdict

_NEARLY = 1e-9
"""Scores that are nearer than that came from the same arithmetic."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An instrument about which two decisions differ.

    Attributes:
        before, now: how each ended, in words.
        why: what else differs, first what comes first in a decision: scores, then sizes, then rules.
    """

    instrument: str
    before: str
    now: str
    why: tuple[str, ...]


def differences(before: Decision, now: Decision) -> tuple[Difference, ...]:
    """Return every instrument that ended otherwise, in the order in which the earlier decision had them."""
    names = dict.fromkeys((*_instruments(before), *_instruments(now)))
    found = ((name, _end(before, name), _end(now, name)) for name in names)
    return tuple(
        Difference(name, was, is_now, tuple(_reasons(before, now, name)))
        for name, was, is_now in found
        if was != is_now
    )


def _instruments(decision: Decision) -> Iterator[str]:
    yield from (verdict.proposal.instrument for verdict in decision.verdicts)
    yield from (no_trade.instrument for no_trade in decision.no_trades)
    yield from (signal.instrument for signal in decision.signals)


def _end(decision: Decision, name: str) -> str:
    verdict = _verdict(decision, name)
    if verdict is not None:
        return _told(verdict)
    no_trade = _no_trade(decision, name)
    return "not looked at" if no_trade is None else f"no trade: {no_trade.reason}"


def _told(verdict: Verdict) -> str:
    proposal, barriers = verdict.proposal, verdict.proposal.barriers
    wish = f"{proposal.intention} {proposal.side} {verdict.quantity.normalize():f}"
    if not verdict.quantity:
        return f"{proposal.side} refused: {', '.join(verdict.reasons)}"
    levels = ((word, price) for word, price in (("stop", barriers.stop), ("target", barriers.target)) if price)
    return ", ".join((wish, *(f"{word} {price.normalize():f}" for word, price in levels)))


def _reasons(before: Decision, now: Decision, name: str) -> Iterator[str]:
    yield from _scores(before, now, name)
    yield from _details(before, now, name)
    was, is_now = _verdict(before, name), _verdict(now, name)
    if was is not None and is_now is not None:
        yield from _findings(was, is_now)


def _scores(before: Decision, now: Decision, name: str) -> Iterator[str]:
    was = {signal.strategy: signal.score for signal in before.signals if signal.instrument == name}
    is_now = {signal.strategy: signal.score for signal in now.signals if signal.instrument == name}
    for strategy in dict.fromkeys((*was, *is_now)):
        one, other = was.get(strategy), is_now.get(strategy)
        if one is None or other is None:
            yield f"{strategy}: {_score(one)}, now {_score(other)}"
        elif abs(one - other) > _NEARLY:
            yield f"{strategy}: score {one:+.4f}, now {other:+.4f}"


def _score(score: float | None) -> str:
    return "did not speak" if score is None else f"score {score:+.4f}"


def _details(before: Decision, now: Decision, name: str) -> Iterator[str]:
    was, is_now = _no_trade(before, name), _no_trade(now, name)
    if was is not None and was.detail:
        yield f"it was said: {was.detail}"
    if is_now is not None and is_now.detail:
        yield f"now it is said: {is_now.detail}"


def _findings(was: Verdict, is_now: Verdict) -> Iterator[str]:
    if was.proposal.quantity != is_now.proposal.quantity:
        yield f"proposed {was.proposal.quantity:.8f}, now {is_now.proposal.quantity:.8f}"
    before = {finding.rule: finding for finding in was.findings}
    now = {finding.rule: finding for finding in is_now.findings}
    for rule in dict.fromkeys((*before, *now)):
        one, other = before.get(rule), now.get(rule)
        if one is None or other is None:
            yield f"{rule}: {'new' if one is None else 'not asked any more'}"
        elif (one.allowed_quantity, one.reason) != (other.allowed_quantity, other.reason):
            yield (
                f"{rule}: allowed {one.allowed_quantity:f} (limit {one.limit:f}, observed {one.observed:f}), now "
                f"{other.allowed_quantity:f} (limit {other.limit:f}, observed {other.observed:f})"
            )


def _verdict(decision: Decision, name: str) -> Verdict | None:
    return next((one for one in decision.verdicts if one.proposal.instrument == name), None)


def _no_trade(decision: Decision, name: str) -> NoTrade | None:
    return next((one for one in decision.no_trades if one.instrument == name), None)
