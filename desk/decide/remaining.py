"""Which instruments a stage still has to look at."""

from desk.decide.policy import Policy
from desk.model.cycle import Decision


def remaining(policy: Policy, decision: Decision) -> list[str]:
    """Return the instruments of the policy that no earlier stage has dropped, in the policy's order."""
    dropped = {no_trade.instrument for no_trade in decision.no_trades}
    return [name for name in policy.instruments if name not in dropped]
