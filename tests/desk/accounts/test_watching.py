"""How accounts are watched, from what the operator wrote."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import load_fleet
from desk.accounts.spec import AccountSpec, Venue
from desk.accounts.watching import stop_keeping, watch_every, watch_policy
from desk.execution.stops import StopKeeping
from desk.model.cycle import Mode


def account(write: Callable[..., Path], **changes: object) -> AccountSpec:
    return load_fleet(write()).account("oanda-gold").model_copy(update=changes)


@pytest.mark.parametrize(
    ("mode", "venue", "watch", "seconds"),
    [
        (Mode.PAPER, Venue.OANDA, None, 30),
        (Mode.LIVE, Venue.OANDA, None, 120),
        (Mode.LIVE, Venue.ASTER, None, 30),
        (Mode.LIVE, Venue.OANDA, timedelta(seconds=20), 20),
        (Mode.PAPER, Venue.OANDA, timedelta(0), None),
        (Mode.DRY_RUN, Venue.OANDA, timedelta(seconds=20), None),
    ],
)
def test_an_account_is_watched_as_often_as_its_venue_allows(write, mode, venue, watch, seconds) -> None:
    every = watch_every(account(write, mode=mode, venue=venue, watch=watch))
    assert every == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("venue", "instrument", "keeping"),
    [
        (Venue.OANDA, "EUR/USD", StopKeeping.TRADE),
        (Venue.COINBASE, "BTC/USD", StopKeeping.HOLDING),
        (Venue.KUCOIN, "BTC/USDT", StopKeeping.DESK),
        (Venue.KUCOIN, "BTC/USDT:USDT", StopKeeping.ORDER),
        (Venue.ASTER, "BTC/USDT:USDT", StopKeeping.ORDER),
        (Venue.CCXT, "BTC/USDT", StopKeeping.DESK),
    ],
)
def test_every_venue_keeps_stops_in_its_way_and_paper_takes_stop_orders(write, venue, instrument, keeping) -> None:
    assert stop_keeping(account(write, mode=Mode.LIVE, venue=venue), instrument) is keeping
    assert stop_keeping(account(write, mode=Mode.PAPER, venue=venue), instrument) is StopKeeping.ORDER


def test_what_becomes_of_a_position_in_profit_is_the_policys_to_say(write) -> None:
    fleet = load_fleet(write())
    spec, policy = fleet.account("oanda-gold"), fleet.policies["oanda-gold"]
    assert watch_policy(spec, policy).break_even_at is None
    told = type(policy).model_validate({**policy.model_dump(), "exits": {"break_even_at": 1, "partial_exit_at": "1.5"}})
    wanted = watch_policy(spec, told)
    assert (wanted.break_even_at, wanted.partial_exit_at, wanted.partial_exit_fraction) == (
        1,
        Decimal("1.5"),
        Decimal("0.5"),
    )
    assert wanted.stale_after == spec.late_after
