"""Which instruments an account chose to trade, by which figures, and why the others were left out."""

from datetime import datetime

from console.failures import NothingRecorded
from console.naming import account_of
from console.services.opening import OpenDesk
from console.times import format_minute
from desk.accounts import AccountSpec
from desk.universe.choosing import Choice


async def universe_choice(desk: OpenDesk, account: str, at: datetime | None = None) -> Choice:
    """Return the choice of an account that was in force at a time, the newest one without a time.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
        NothingRecorded: the account trades a fixed list, or has chosen nothing by then.
    """
    spec = account_of(desk.fleet, account)
    choice = await desk.ledger.universe_choice(spec.name, at)
    if choice is None:
        raise NothingRecorded(_nothing(spec, at))
    return choice


def _nothing(spec: AccountSpec, at: datetime | None) -> str:
    if spec.universe is None:
        return f"{spec.name} trades a fixed list of instruments: {', '.join(spec.instruments)}"
    when = f" at or before {format_minute(at)} UTC" if at else ""
    return f"expected a choice of {spec.name}{when}, found none; run `desk up`, or `desk scan {spec.name}`"
