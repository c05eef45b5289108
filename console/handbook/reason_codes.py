"""The page of reason codes, from their meanings."""

from console.handbook.markdown import code, page, table
from desk.model.reasons import Reason

_INTRODUCTION = """\
Where the desk does not trade an instrument, or trades less than a strategy proposed, it says why with one of these
codes. They stand in `desk why`, in the Prefect artifacts, in messages, and in the ledger (`no_trade.reason` where an
instrument was passed over before a proposal, `finding.reason` where a rule cut or refused one).
[Understand a decision](../how-to/understand-a-decision.md) says what to do about the frequent ones.
"""


def render_reason_codes() -> str:
    """Return the page, in the order in which the codes are declared."""
    rows = [(code(reason), _sentence(reason.meaning)) for reason in Reason]
    return page("Reason codes", _INTRODUCTION, [table(("Code", "Meaning"), rows)])


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
