"""The fleet, checked and complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desk.accounts.problems import suggestion
from desk.accounts.spec import AccountSpec, PolicySpec, RecordedFeed, SyntheticFeed, Venue, VenueTerms
from desk.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every account and what it refers to; all names are known to exist.

    Attributes:
        directory: the folder of the files, from which paths in them are counted.
        policies: by account, with the account's own changes applied.
        warnings: what is possible but hardly meant, in the shape of error lines.
    """

    directory: Path
    accounts: Mapping[str, AccountSpec]
    feeds: Mapping[str, SyntheticFeed | RecordedFeed]
    venues: Mapping[Venue, VenueTerms]
    policies: Mapping[str, PolicySpec]
    warnings: tuple[str, ...] = ()

    def account(self, name: str) -> AccountSpec:
        """Return one account.

        Raises:
            ConfigError: there is none of that name; the message gives the nearest.
        """
        if name in self.accounts:
            return self.accounts[name]
        place = self.directory / "accounts.yaml"
        raise ConfigError(f"{place}: expected an account, found '{name}'{suggestion(name, self.accounts)}")

    def feed_of(self, name: str) -> SyntheticFeed | RecordedFeed:
        """Return the feed of an account."""
        return self.feeds[self.account(name).feed]

    def terms_of(self, name: str) -> VenueTerms:
        """Return the paper terms of an account."""
        return self.venues[self.account(name).venue]
