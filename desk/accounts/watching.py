"""How an account is watched: how often, and how its venue keeps the stop of a position."""

from datetime import timedelta

from desk.accounts.spec import AccountSpec, ExitsSpec, PolicySpec, Venue
from desk.execution.stops import StopKeeping
from desk.execution.watching import WatchPolicy
from desk.model.cycle import Mode

USUAL = timedelta(seconds=30)
AT_OANDA = timedelta(minutes=2)
"""Stops hang on the position there, and ten accounts that all hold something stay below 7,200 looks a day."""

_OFF = timedelta(0)
_STOPS = {
    Venue.OANDA: StopKeeping.TRADE,
    Venue.COINBASE: StopKeeping.HOLDING,
    Venue.ASTER: StopKeeping.ORDER,
    Venue.CCXT: StopKeeping.DESK,
}


def watch_every(account: AccountSpec) -> timedelta | None:
    """Return how often an account is watched; None where it is not, or can hold nothing."""
    if account.mode is Mode.DRY_RUN or account.watch == _OFF:
        return None
    usual = AT_OANDA if account.mode is Mode.LIVE and account.venue is Venue.OANDA else USUAL
    return usual if account.watch is None else account.watch


def stop_keeping(account: AccountSpec, instrument: str) -> StopKeeping:
    """Return how the stop of an instrument is kept; the paper venue keeps those of entries, and stop orders too."""
    if account.mode is Mode.PAPER:
        return StopKeeping.ORDER
    if account.venue is Venue.KUCOIN:
        return StopKeeping.ORDER if ":" in instrument else StopKeeping.DESK
    return _STOPS[account.venue]


def watch_policy(account: AccountSpec, policy: PolicySpec) -> WatchPolicy:
    """Return what the watch of an account goes by."""
    exits = policy.exits or ExitsSpec()
    return WatchPolicy(
        account.name,
        lambda instrument: stop_keeping(account, instrument),
        stale_after=account.late_after,
        break_even_at=exits.break_even_at,
        partial_exit_at=exits.partial_exit_at,
        partial_exit_fraction=exits.partial_exit_fraction,
    )
