"""What the watch tells a person, through the notifier that all watches of a process share."""

from blocks.watching import reminding_notifier
from desk.ports import Message


async def test_what_the_watch_cannot_do_is_told_once_whatever_its_attempts_and_figures(installation):
    installation.told.clear()
    title = "coins: the watch could not do everything"
    told = [f"BTC/USD, stop order: sd-{n}, no stop could be placed at 9 for 0:00:{n}.5" for n in (10, 11)]
    for line in (*told, f"ETH/USD{told[0][7:]}"):
        await reminding_notifier().send(Message(title, line, "error"))
    assert [message.body[:7] for message in installation.told] == ["BTC/USD", "ETH/USD"]
