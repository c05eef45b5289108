"""What is said of an account every half minute reaches a person once an hour."""

from datetime import timedelta

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.notify.once import OnceAnHour
from desk.ports import Message
from tests.builders import CLOSE


class Post:
    """Keeps what it was given, or raises."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.fails = False

    async def send(self, message: Message) -> None:
        if self.fails:
            raise ConnectionError("no post")
        self.sent.append(message)


async def test_the_same_message_is_delivered_again_after_an_hour_and_another_one_at_once() -> None:
    post, said = Post(), dict[Message, object]()
    first, second = Message("gold", "it has no stop"), Message("gold", "it has no target")
    for minutes, message in ((0, first), (59, first), (59, second), (60, first), (61, first)):
        clock = FixedClock(CLOSE + timedelta(minutes=minutes))
        await OnceAnHour(post, said, clock).send(message)
    assert post.sent == [first, second, first]
    assert set(said) == {first, second}


async def test_what_could_not_be_delivered_counts_as_not_said() -> None:
    post = Post()
    once, message = OnceAnHour(post, {}, FixedClock(CLOSE)), Message("gold", "it has no stop")
    post.fails = True
    with pytest.raises(ConnectionError):
        await once.send(message)
    post.fails = False
    await once.send(message)
    assert post.sent == [message]
