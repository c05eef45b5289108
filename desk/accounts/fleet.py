"""The fleet, checked and complete."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from desk.accounts.connections import ConnectionSpec
from desk.accounts.events import EventsFile
from desk.accounts.messages import MessagesFile
from desk.accounts.portfolio import PortfolioFile
from desk.accounts.problems import suggestion
from desk.accounts.spec import AccountSpec, FeedSpec, PolicySpec, RecordedFeed, Venue, VenueFeed
from desk.accounts.universe import UniverseSpec
from desk.accounts.venue_terms import VenueTerms
from desk.errors import ConfigError
from desk.model.cycle import Mode

_PLACE = ("kind", "exchange", "environment", "market", "url", "account_id", "user")
"""What tells one account at a venue from another."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every account and what it refers to; all names are known to exist.

    Attributes:
        directory: the folder of the files, from which paths in them are counted.
        policies: by account, with the account's own changes applied.
        policy_names: of every policy that an account may name, in the order of the file.
        warnings: what is possible but hardly meant, in the shape of error lines.
        currency: what limits of the whole fleet are counted in.
        rates: what one unit of a currency is worth in that, where no feed quotes it.
        events: the operator's calendar; None where none is kept.
        universes: by name; none where the operator keeps none.
        portfolio: how the fleet's money is to be shared out; None where nobody says so.
        messages: how people are told of things, and who may ask.
    """

    directory: Path
    accounts: Mapping[str, AccountSpec]
    connections: Mapping[str, ConnectionSpec]
    feeds: Mapping[str, FeedSpec]
    venues: Mapping[Venue, VenueTerms]
    policies: Mapping[str, PolicySpec]
    warnings: tuple[str, ...] = ()
    currency: str = "USD"
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    events: EventsFile | None = None
    universes: Mapping[str, UniverseSpec] = field(default_factory=dict)
    policy_names: tuple[str, ...] = ()
    portfolio: PortfolioFile | None = None
    messages: MessagesFile = field(default_factory=MessagesFile)

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the accounts of each group, in the order of the file; none of the groups is empty."""
        found: dict[str, tuple[str, ...]] = {}
        for name, account in self.accounts.items():
            if account.group is not None:
                found[account.group] = (*found.get(account.group, ()), name)
        return found

    def account(self, name: str) -> AccountSpec:
        """Return one account.

        Raises:
            ConfigError: there is none of that name; the message gives the nearest.
        """
        if name in self.accounts:
            return self.accounts[name]
        place = self.directory / "accounts.yaml"
        raise ConfigError(f"{place}: expected an account, found '{name}'{suggestion(name, self.accounts)}")

    def feed_of(self, name: str) -> FeedSpec:
        """Return the feed of an account."""
        return self.feeds[self.account(name).feed]

    def universe_of(self, name: str) -> UniverseSpec | None:
        """Return what chooses the instruments of an account; None where they are a fixed list."""
        universe = self.account(name).universe
        return None if universe is None else self.universes[universe]

    def connection_of(self, name: str) -> ConnectionSpec | None:
        """Return how the venue of an account is reached; None for an account that reaches none."""
        connection = self.account(name).connection
        return None if connection is None else self.connections[connection]

    def accounts_on(self, connection: str) -> tuple[AccountSpec, ...]:
        """Return the accounts whose candles and quotes come from a connection."""
        return tuple(
            account
            for account in self.accounts.values()
            if isinstance(feed := self.feeds[account.feed], VenueFeed) and feed.connection == connection
        )

    def neighbours_of(self, name: str) -> tuple[AccountSpec, ...]:
        """Return the other accounts of the same world: of one mode, one kind of money and one clock."""
        own = self._world_of(name)
        return tuple(
            account for other, account in self.accounts.items() if other != name and self._world_of(other) == own
        )

    def are_of_one_world(self, names: Collection[str]) -> bool:
        """Return whether accounts are of one mode, one kind of money and one clock."""
        return len({self._world_of(name) for name in names}) <= 1

    @property
    def worlds(self) -> tuple[tuple[AccountSpec, ...], ...]:
        """The accounts of each world, in the order of the file; see `neighbours_of`."""
        found: dict[tuple[object, ...], tuple[AccountSpec, ...]] = {}
        for name, account in self.accounts.items():
            world = self._world_of(name)
            found[world] = (*found.get(world, ()), account)
        return tuple(found.values())

    def _world_of(self, name: str) -> tuple[object, ...]:
        account, connection, feed = self.account(name), self.connection_of(name), self.feed_of(name)
        if account.mode is Mode.LIVE and connection is not None:
            return (account.mode, connection.environment)
        return (account.mode, feed.clock if isinstance(feed, RecordedFeed) else None)

    def books_of(self, name: str) -> str:
        """Say whose fills and positions an account's are; nothing for one that has none of its own."""
        account, connection = self.account(name), self.connection_of(name)
        if account.mode is not Mode.LIVE:
            return "paper" if account.mode is Mode.PAPER else ""
        assert connection is not None, f"{name}: a live account was loaded without a connection"
        told = connection.model_dump(exclude_none=True)
        told |= {"account_id": account.account_id} if account.account_id else {}
        keys = connection.secrets.model_dump(exclude_none=True).values()
        return " ".join([*(told[part] for part in _PLACE if told.get(part)), *keys])

    def venue_account_of(self, name: str) -> tuple[object, ...]:
        """Return what tells the venue account of a live account from all others, as far as the configuration says.

        OANDA's are named; elsewhere a key has one account.
        """
        account, connection = self.account(name), self.connection_of(name)
        assert connection is not None, f"{name}: a live account was loaded without a connection"
        named = getattr(connection, "account_id", None)
        return (*connection.world, account.account_id or named or connection.secrets)

    def terms_of(self, name: str) -> VenueTerms:
        """Return the paper terms of an account."""
        return self.venues[self.account(name).venue]
