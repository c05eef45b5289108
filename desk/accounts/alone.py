"""Writes down one account with all that it decides by, so that it can be loaded again after the files have changed."""

from pathlib import Path

from desk.accounts.events import EVENTS_FILE
from desk.accounts.fleet import Fleet
from desk.accounts.loading import ACCOUNTS_FILE, POLICY_FILE
from desk.accounts.showing import plain, to_yaml
from desk.accounts.spec import AccountSpec, FeedSpec, RecordedFeed, VenueFeed


def alone(fleet: Fleet, name: str) -> dict[str, str]:
    """Return the files of a fleet that has this account alone, by their names; `load_fleet` reads them.

    Candle files stand in them with their whole paths. Keys of venues do not: connections name variables.

    Raises:
        ConfigError: there is no such account.
    """
    account, connections = fleet.account(name), _connections(fleet, name)
    accounts = {
        "fleet_currency": fleet.currency,
        **({"fleet_rates": dict(fleet.rates)} if fleet.rates else {}),
        "feeds": {account.feed: _feed(fleet.feed_of(name), fleet.directory)},
        **({"connections": connections} if connections else {}),
        "venues": {account.venue: fleet.terms_of(name).model_dump(exclude_none=True)},
        "accounts": {name: _entry(account)},
    }
    policy = fleet.policies[name].model_dump(exclude={"extends"}, exclude_none=True)
    written = {ACCOUNTS_FILE: accounts, POLICY_FILE: {"policies": {account.policy: policy}}}
    events = {EVENTS_FILE: fleet.events.model_dump(exclude_none=True)} if fleet.events else {}
    return {file: to_yaml(plain(content)) for file, content in {**written, **events}.items()}


def _connections(fleet: Fleet, name: str) -> dict[str, object]:
    """How the account's venue is reached, and the one that its candles come from."""
    feed = fleet.feed_of(name)
    names = {fleet.account(name).connection, feed.connection if isinstance(feed, VenueFeed) else None}
    return {one: fleet.connections[one].model_dump(exclude_none=True) for one in sorted(filter(None, names))}


def _entry(account: AccountSpec) -> dict[str, object]:
    return account.model_dump(exclude={"name", "config_version"}, exclude_none=True)


def _feed(feed: FeedSpec, directory: Path) -> dict[str, object]:
    if isinstance(feed, RecordedFeed):
        files = {instrument: path.resolve() for instrument, path in feed.paths(directory).items()}
        return {**feed.model_dump(exclude_none=True), "files": files}
    return feed.model_dump(exclude_none=True)
