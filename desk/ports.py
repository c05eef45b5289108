"""The borders of the core: what the desk asks of a venue, a clock, a ledger and a messenger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from desk.model.books import AccountState, Position, Quote
from desk.model.depth import Depth, Funding
from desk.model.instrument import Instrument
from desk.model.messages import MessageKind
from desk.model.moves import Move
from desk.model.orders import Fill, Order, OrderIntent, OrderState
from desk.model.surroundings import CalendarEvent
from desk.model.timeframe import Timeframe

if TYPE_CHECKING:  # numpy costs 0.1 s to import, and whoever reads the ledger needs none
    from desk.model.candles import Candles


class Clock(Protocol):
    """The only source of the present."""

    def now(self) -> datetime:
        """Return the time, aware UTC."""
        ...

    def shown_at(self, wall: datetime) -> datetime:
        """Return what this clock shows when the machine's own shows `wall`."""
        ...


class Feed(Protocol):
    """A source of market data that answers as of any time that it covers.

    Infrastructure failures raise `VenueUnavailable`; an empty answer means that there are no such data.
    """

    @property
    def base_timeframe(self) -> Timeframe:
        """The shortest timeframe of the source, in which orders are matched; longer ones are made from it."""
        ...

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every instrument of the source, by name."""
        ...

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> "Candles":
        """Return at most `count` candles that were closed at `until`, oldest first; fewer where there are no more.

        Minutes without trades and closed hours have no candle.

        Raises:
            DataError: the source does not have the instrument or the timeframe, or its data are malformed.
            VenueUnavailable: try again.
        """
        ...

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices as of `at`; an instrument without any is missing."""
        ...


@runtime_checkable
class DepthFeed(Protocol):
    """What some feeds can tell besides: how much waits behind the best prices."""

    async def depth(self, instrument: str, *, at: datetime) -> Depth | None:
        """Return the book as of `at`, or None where there is none; a venue has that of now only, whatever `at` is.

        Raises:
            DataError: the source does not have the instrument.
            VenueUnavailable: try again.
        """
        ...


@runtime_checkable
class FundingFeed(Protocol):
    """What feeds of perpetuals can tell besides."""

    async def funding(self, instrument: str, *, at: datetime) -> Funding | None:
        """Return the funding that is paid next as of `at`, or None for what has none; see `DepthFeed.depth`."""
        ...


class Trading(Protocol):
    """What an account can do at a venue. Amounts are Decimal, times aware UTC."""

    async def account(self) -> AccountState:
        """Return the account's money."""
        ...

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position; an empty answer means flat, a failure raises."""
        ...

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every order that is still working."""
        ...

    async def submit(self, intent: OrderIntent) -> Order:
        """Send an order once.

        Raises:
            OrderRefused: a definite no.
            RateLimited: just as definite; there were too many calls.
            OutcomeUnknown: the order may have arrived; ask with `find_order`.
            AccessDenied: the credentials are not accepted.
        """
        ...

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order, or None where the venue definitely never accepted one of that id.

        Looks in open orders, history and fills, and waits out the venue's read-after-write lag.

        Raises:
            VenueUnavailable: no definite answer; ask again.
        """
        ...

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel what is left of an order and return it as it then is; a final order is returned unchanged."""
        ...

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, oldest first, and the next cursor; an empty cursor asks from the beginning."""
        ...


class Calendar(Protocol):
    """What is scheduled that may move prices."""

    async def events(self, since: datetime, until: datetime) -> tuple[CalendarEvent, ...] | None:
        """Return what is scheduled from `since` to `until`, both included, oldest first; None where that is unknown."""
        ...


@runtime_checkable
class StopSetting(Protocol):
    """What some venues can do besides: a stop hangs on the position there, and covers whatever is held."""

    async def set_stop(self, instrument: str, price: Decimal) -> None:
        """Give all of a position this stop in place of the one that it has; saying it twice does no harm.

        Raises:
            OrderRefused: a definite no; the position keeps what it had.
            OutcomeUnknown: look at the positions.
        """
        ...


class Treasury(Protocol):
    """What some venues can do with money besides trading it: move it between two wallets of one login, or convert it.

    Whatever it does is no order, so that no position comes of it.
    """

    async def prepare(self, move: Move) -> str:
        """Ask for what a venue wants to have agreed on before, and return its name of that; nothing is moved.

        Returns:
            Empty where nothing has to be agreed on.

        Raises:
            VenueError: there is no such agreement; nothing was moved.
        """
        ...

    async def carry_out(self, move: Move, prepared: str) -> Decimal:
        """Move the money once, with the move's id as the venue's key against doing it twice.

        Returns:
            What has arrived, in `move.into`.

        Raises:
            OrderRefused: a definite no.
            RateLimited: just as definite.
            AccessDenied: the credentials are not accepted, or may not move money.
            OutcomeUnknown: it may have been carried out; ask with `find`.
        """
        ...

    async def find(self, move: Move, prepared: str, *, sent_at: datetime) -> Decimal | None:
        """Return what has arrived, or None where the venue definitely never carried the move out.

        Args:
            sent_at: when it was sent, by the machine's clock.

        Raises:
            VenueUnavailable: no definite answer; ask again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to trade an account for a while; `token` grows with every holder and fences off the earlier ones."""

    account: str
    holder: str
    token: int


class OrderLog(Protocol):
    """The durable record of orders: nothing is sent before it is committed here."""

    async def store_intents(self, intents: Sequence[OrderIntent], *, lease: Lease | None = None) -> Mapping[str, Order]:
        """Commit intents as PLANNED; one that is stored already is left alone.

        Args:
            lease: must be the newest, where it is given.

        Returns:
            Each order as the log has it now, by client order id.

        Raises:
            LeaseLost: another holder has taken the account over.
        """
        ...

    async def start_sending(self, client_order_id: str, lease: Lease) -> bool:
        """Commit PLANNED → SENDING if `lease` is still the newest, in one transaction.

        Returns:
            Whether this call made the change; only then may the caller send.

        Raises:
            LeaseLost: another holder has taken the account over.
        """
        ...

    async def record_order(self, account: str, order: Order, *, detail: str = "") -> None:
        """Commit what the venue said of an order, with its fills; the same again changes nothing."""
        ...

    async def record_outcome(
        self, client_order_id: str, state: OrderState, *, detail: str, lease: Lease | None = None
    ) -> None:
        """Commit a change of state that came without an order from the venue: REJECTED, UNKNOWN, PLANNED, CANCELLED.

        Args:
            lease: must be the newest for the change to be made. Given for what is concluded from absence: a holder
                that was replaced may have looked before the new one sent.

        Raises:
            LeaseLost: another holder has taken the account over; nothing was changed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell a person.

    Attributes:
        severity: `info`, `warning` or `error`.
        silent: whether it should make no sound where it arrives.
    """

    title: str
    body: str
    severity: str = "info"
    kind: MessageKind = MessageKind.FAILURE
    silent: bool = False


class Notifier(Protocol):
    """A way to tell a person."""

    async def send(self, message: Message) -> None:
        """Deliver the message, or raise."""
        ...
