"""Writes every message into the ledger first and sends it then, again and again until it is taken or given up."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desk.accounts.messages import MessagesFile
from desk.adapters.ledger.messages import Messages
from desk.adapters.notify.targets import NotDelivered, Target
from desk.errors import LedgerError
from desk.model.messages import Delivery, DeliveryState, Loudness, MessageKind, wait_after
from desk.ports import Clock, Message

CLAIMED_FOR = timedelta(minutes=2)
"""How long whoever sends a message has it for itself; who dies meanwhile has it no longer."""
_SECONDS = 20.0
"""For one attempt."""
_GONE = "this place is not configured any more"


class Outbox:
    """Implements `desk.ports.Notifier`: a message that is written down arrives, whatever ends before it is sent.

    Args:
        ledger: where messages are written down.
        targets: asked for the places that messages go to.
        terms: asked for what the operator wishes.
        clock: the machine's.
    """

    def __init__(
        self,
        ledger: Messages,
        targets: Callable[[], Sequence[Target]],
        terms: Callable[[], MessagesFile],
        clock: Clock,
    ) -> None:
        self._ledger, self._targets, self._terms, self._clock = ledger, targets, terms, clock

    async def send(self, message: Message) -> None:
        """Write the message down, and try to send it once; what is not taken is tried again by `deliver`.

        Raises:
            NotDelivered: the ledger cannot be written, and a place did not take it either.
        """
        await self.tell(message)

    async def tell(self, message: Message, *, occasion: str = "") -> None:
        """Send a message; where it has an occasion, only once ever. See `send`."""
        terms = self._terms()
        loudness = terms.loudness(message.kind)
        # What is told a second time because nobody did anything about it has to be heard.
        is_silent = loudness is Loudness.SILENT and message.kind is not MessageKind.ESCALATION
        message = replace(message, silent=is_silent)
        targets = [] if loudness is Loudness.OFF else [one for one in self._targets() if message.kind in one.kinds]
        names, now = dict.fromkeys(target.name for target in targets), self._clock.now()
        try:
            number = await self._ledger.post(message, names, now, count_for=terms.repeats_within, occasion=occasion)
        except LedgerError:
            await self._send_at_once(message, targets)
            return
        if number is not None:
            await self.deliver(number)

    async def deliver(self, number: int | None = None) -> None:
        """Try everything that is due, each place by itself and in order, or one message.

        A place that does not take a message is left alone until the next time.
        """
        due = await self._ledger.due_deliveries(self._clock.now(), number=number)
        targets = {target.name: target for target in self._targets()} if due else {}
        names = dict.fromkeys(delivery.target for delivery, _ in due)
        mine = {name: [one for one in due if one[0].target == name] for name in names}
        await asyncio.gather(*(self._deliver_to(targets.get(name), waiting) for name, waiting in mine.items()))

    async def tell_repeats(self) -> None:
        """Tell of what was counted instead of told, now that it is counted no more; forget what is old."""
        for message, times in await self._ledger.take_repeats(self._clock.now()):
            again = f"{message.title} ({times} more time{'' if times == 1 else 's'})"
            await self.tell(replace(message, title=again))
        await self._ledger.forget_messages(self._clock.now())

    async def _send_at_once(self, message: Message, targets: Sequence[Target]) -> None:
        outcomes = await asyncio.gather(*(target.notifier.send(message) for target in targets), return_exceptions=True)
        failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failed:
            raise failed[0]

    async def _deliver_to(self, target: Target | None, waiting: Sequence[tuple[Delivery, Message]]) -> None:
        for delivery, message in waiting:
            now = self._clock.now()
            if target is None:
                await self._ledger.end_attempt(delivery, DeliveryState.DEAD, now, detail=_GONE)
            elif await self._ledger.claim_delivery(delivery, now, now + CLAIMED_FOR) and (
                not await self._attempt(target, delivery, message)
            ):
                return

    async def _attempt(self, target: Target, delivery: Delivery, message: Message) -> bool:
        """Try once, and write down what came of it; return whether it was taken."""
        try:
            async with asyncio.timeout(_SECONDS):
                await target.notifier.send(message)
        except Exception as error:  # noqa: BLE001 - whatever a service's library raises, the message is kept
            await self._put_off(delivery, error)
            return False
        await self._ledger.end_attempt(delivery, DeliveryState.SENT, self._clock.now())
        return True

    async def _put_off(self, delivery: Delivery, error: Exception) -> None:
        attempts, now = delivery.attempts + 1, self._clock.now()
        state = DeliveryState.DEAD if attempts >= self._terms().attempts else DeliveryState.WAITING
        await self._ledger.end_attempt(
            delivery, state, now, next_at=_next_at(now, attempts, error), detail=_told(error)
        )


def _next_at(now: datetime, attempts: int, error: Exception) -> datetime:
    wanted = error.retry_after if isinstance(error, NotDelivered) else timedelta(0)
    return now + max(wait_after(attempts), wanted)


def _told(error: Exception) -> str:
    """Why it failed; of an error that is not ours the kind alone, since its text may have an address."""
    return str(error) if isinstance(error, NotDelivered) else type(error).__name__
