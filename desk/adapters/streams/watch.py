"""Tells whoever remembers an account that something has happened to it."""

from collections.abc import Callable, Sequence

from desk.adapters.streams.events import AccountEvent, Event
from desk.adapters.streams.supervised import StreamState, StreamStatus


class AccountWatch:
    """Implements `Listener` to the stream of an account's orders, fills and money.

    Args:
        changed: called when something has happened, or may have happened unheard; what it was has to be asked.
        say: told, once per change of the stream, whether news of the account come by themselves.
    """

    def __init__(self, changed: Sequence[Callable[[], None]], *, say: Callable[[str], None]) -> None:
        self._changed = tuple(changed)
        self._say = say

    def heard(self, event: Event) -> None:
        """Tell that something happened."""
        if isinstance(event, AccountEvent):
            self.missed()

    def missed(self) -> None:
        """Tell that something may have happened."""
        for changed in self._changed:
            changed()

    def turned(self, status: StreamStatus) -> None:
        """Say how news of the account come now."""
        if status.state is not StreamState.CLOSED:
            is_live = status.state is StreamState.LIVE
            self._say(f"{status}: the account's news {'come from it' if is_live else 'are asked for'}")
