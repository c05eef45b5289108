"""What a connection offers once a venue is reached: its market, and the accounts that trade there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

import httpx
from pydantic import SecretStr

from desk.accounts import AccountSpec
from desk.adapters.streams.events import Source
from desk.adapters.venue_http.meter import Meter
from desk.adapters.venues.recalling import Recall, RecallDealings, RecallTraded, recall_nothing, recall_nothing_traded
from desk.model.orders import OrderIntent
from desk.ports import Clock, Feed, Trading, Treasury

Secrets = Mapping[str, SecretStr]


@dataclass(frozen=True, slots=True)
class Streamed:
    """A stream, and how to listen to it.

    Attributes:
        quiet_after: the longest silence of a healthy connection.
        forget: called with every piece of news, so that nothing older is remembered.
    """

    source: Source
    quiet_after: timedelta
    forget: tuple[Callable[[], None], ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a venue tells of an account and of the key that opens it; None for what it does not tell.

    Attributes:
        account: the venue's own id of the account.
        environment: in which of the venue's worlds it is, `practice` or `live`.
        may_withdraw: whether the key can take money away from the venue, not only between the account's own wallets.
    """

    account: str | None = None
    environment: str | None = None
    may_trade: bool | None = None
    may_withdraw: bool | None = None


class Reached(Protocol):
    """A venue, reached under one set of keys; nothing is asked of it before somebody needs it."""

    @property
    def market(self) -> Feed:
        """Its market data."""
        ...

    def trading(self, account: AccountSpec) -> Trading:
        """Return the trading port of an account, the same object each time."""
        ...

    def price_stream(self, instruments: Sequence[str]) -> "Streamed | None":
        """Return the prices of instruments as they come; None where they do not come by themselves."""
        ...

    def account_stream(self, account: AccountSpec) -> "Streamed | None":
        """Return the news of an account as they come; None where they do not come by themselves."""
        ...

    async def skew(self) -> timedelta | None:
        """Return how far the venue's clock is ahead of ours; None where requests carry no time."""
        ...

    async def rights(self) -> str | None:
        """Return what the key may do, in the venue's words; None where the venue does not tell."""
        ...

    async def identity(self, account: AccountSpec) -> Identity:
        """Return who the account is at the venue, in answer to a question under its key."""
        ...

    async def try_out(self, account: AccountSpec, intent: OrderIntent) -> str | None:
        """Let the venue judge an order without placing it, and return what it says; None where it has no such call."""
        ...

    async def close(self) -> None:
        """Close what is open; nothing may be asked afterwards."""
        ...


@runtime_checkable
class Banking(Protocol):
    """What some of them can do besides: money moves between wallets, or is converted, without an order."""

    def treasury(self, account: AccountSpec) -> Treasury:
        """Return what takes money from the wallet of an account."""
        ...


def one_pool() -> httpx.AsyncBaseTransport:
    """Return connections that the sessions of several accounts share, so that a new account costs no handshake."""
    return httpx.AsyncHTTPTransport(retries=0)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every connection needs of the installation.

    Attributes:
        clock: the machine's, from which the venue's own is measured.
        recall: remembers what was sent.
        recall_traded: remembers in which instruments, also those that accounts.yaml does not name any more.
        recall_dealings: remembers when what was done in each of them ended; None where nothing does.
        meter: every call goes through it; None counts and limits nothing.
        transport: the connections that its sessions share.
    """

    clock: Clock
    recall: Recall = recall_nothing
    recall_traded: RecallTraded = recall_nothing_traded
    recall_dealings: RecallDealings | None = None
    meter: Meter | None = None
    transport: httpx.AsyncBaseTransport = field(default_factory=one_pool)
