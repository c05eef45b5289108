"""From verdicts to order intents, whose ids are a function of what was decided and of nothing else."""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime

from desk.model.orders import OrderIntent, OrderType, TimeInForce
from desk.model.trade import Intention, Verdict

_PREFIX = "sd-"
_DIGEST_BYTES = 15  # 120 bits: 24 base-32 characters, and no venue allows fewer than 32 in all


def plan_orders(account: str, verdicts: Iterable[Verdict]) -> tuple[OrderIntent, ...]:
    """Plan one market order for each verdict that leaves a quantity, in the order of the verdicts."""
    return tuple(_intent(account, verdict) for verdict in verdicts if verdict.quantity > 0)


def client_order_id(account: str, strategy: str, instrument: str, candle_close: datetime, leg: str) -> str:
    """Return the id of an order: the same decision gives the same id, on any machine, at any time.

    Returns:
        27 characters of `[a-z0-9-]`, which every venue accepts.
    """
    key = "\n".join((account, strategy, instrument, f"{int(candle_close.timestamp())}", leg))
    digest = hashlib.sha256(key.encode()).digest()[:_DIGEST_BYTES]
    return _PREFIX + base64.b32encode(digest).decode().lower()


def is_ours(client_order_id: str) -> bool:
    """Return whether an order's id is one that a desk makes, or begins with one, as those of stops and targets do."""
    return client_order_id.startswith(_PREFIX)


def _intent(account: str, verdict: Verdict) -> OrderIntent:
    proposal = verdict.proposal
    leg = "entry" if proposal.intention is Intention.OPEN else "exit"
    return OrderIntent(
        client_order_id=client_order_id(account, proposal.strategy, proposal.instrument, proposal.candle_close, leg),
        account=account,
        strategy=proposal.strategy,
        instrument=proposal.instrument,
        candle_close=proposal.candle_close,
        side=proposal.side,
        type=OrderType.MARKET,
        quantity=verdict.quantity,
        barriers=proposal.barriers,
        time_in_force=TimeInForce.IOC,
        reduce_only=proposal.intention is Intention.CLOSE,
    )
