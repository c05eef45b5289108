"""What the watch tells a person, through the notifier that all watches of a process share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from blocks.account import AccountBlock
from blocks.watching import _check_breaker, reminding_notifier
from desk.adapters.clocks import SimulatedClock
from desk.execution.breaker import BreakerLimits
from desk.model.books import AccountState
from desk.ports import Message
from desk.steps.watch import Watched

PLAYED = datetime(2014, 5, 5, tzinfo=UTC)


async def test_what_the_watch_cannot_do_is_told_once_whatever_its_attempts_and_figures(installation):
    installation.told.clear()
    title = "coins: the watch could not do everything"
    told = [f"BTC/USD, stop order: sd-{n}, no stop could be placed at 9 for 0:00:{n}.5" for n in (10, 11)]
    for line in (*told, f"ETH/USD{told[0][7:]}"):
        await reminding_notifier().send(Message(title, line, "error"))
    assert [message.body[:7] for message in installation.told] == ["BTC/USD", "ETH/USD"]


async def test_a_pause_after_a_loss_that_the_watch_sees_passes_in_the_time_of_the_account(installation):
    player = AccountBlock(name="player").open(run="watch-1")
    limits = BreakerLimits(drawdown_fraction=Decimal("0.1"), loss_pause=timedelta(hours=1))
    player.policy = replace(player.policy, breaker=limits)
    player.clock = SimulatedClock(PLAYED, 60, player.wall.now())
    for at, equity in ((PLAYED, 10_000), (PLAYED + timedelta(minutes=5), 8_000)):
        money = AccountState("USD", Decimal(equity), Decimal(equity), at)
        await player.ledger.record_equity("player", at, money.equity, money.cash)
        await _check_breaker(player, Watched((), (), 0, money), at)
    (trip,) = (await player.ledger.past_trips("player")).values()
    assert trip.until - trip.tripped_at < timedelta(minutes=1, seconds=5)
