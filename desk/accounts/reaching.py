"""Checks whether an account's mode, venue, instruments and connection belong together."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from desk.accounts.entry import Entry, unknown
from desk.accounts.problems import Problem
from desk.accounts.settling import settling_problems
from desk.accounts.spec import Venue
from desk.model.cycle import Mode

Entries = Mapping[str, Entry]


def reaching_problems(account: Entry, feeds: Entries, connections: Entries) -> Iterator[Problem]:
    """Yield every reason why the account cannot be traded the way it is written."""
    named = account.child("connection")
    if named and named.value is not None:
        yield from unknown(named.value, connections, "the name of a connection", named)
    place = named or account.child("feed") or account
    name = _connection_name(account, feeds)
    connection = connections.get(name)
    yield from _cash_problems(account)
    if not name and _is_live(account):
        yield place.problem("expected the name of a connection, since the account is live, found none")
    if connection and _text(connection, "kind") in tuple(Venue):  # what is no kind is told by the model
        yield from _venue_problems(account, place, connection)
        yield from _market_problems(account, connection)
        if _is_live(account):
            yield from settling_problems(account, connection)


def _connection_name(account: Entry, feeds: Entries) -> str:
    named = account.child("connection")
    if named and named.value is not None:
        return str(named.value)
    feed = account.child("feed")
    told = feeds[str(feed.value)].child("connection") if feed and str(feed.value) in feeds else None
    return str(told.value) if told else ""


def _cash_problems(account: Entry) -> Iterator[Problem]:
    cash = account.child("starting_cash")
    if account.children and not _is_live(account) and (cash is None or cash.value is None):
        place = cash or replace(account, path=f"{account.path}.starting_cash")
        yield place.problem("expected an amount above 0, up to 10^12, since the account is not live, found nothing")


def _is_live(account: Entry) -> bool:
    return _text(account, "mode") == Mode.LIVE


def _venue_problems(account: Entry, place: Entry, connection: Entry) -> Iterator[Problem]:
    venue, kind = account.child("venue"), _text(connection, "kind")
    if venue and kind and str(venue.value) != kind:
        yield place.problem(f"expected a connection of kind {venue.value}, the account's venue, found one of {kind}")
    account_id = account.child("account_id")
    if account_id and kind != "oanda":
        yield account_id.problem(f"expected no account_id, since a key of {kind} has one account, found one")


def _market_problems(account: Entry, connection: Entry) -> Iterator[Problem]:
    """A key of KuCoin has an account in each of two markets, with instruments of their own."""
    instruments = account.child("instruments")
    if instruments is None or _text(connection, "kind") != "kucoin":
        return
    wants_futures = _text(connection, "market") == "futures"
    expected = "a future such as BTC/USDT:USDT" if wants_futures else "a spot instrument such as BTC/USDT"
    expected += ", since that is the connection's market"
    for instrument in instruments.items:
        if isinstance(instrument.value, str) and (":" in instrument.value) is not wants_futures:
            yield instrument.problem(f"expected {expected}, found '{instrument.value}'")


def _text(entry: Entry, key: str) -> str:
    child = entry.child(key)
    return str(child.value) if child else ""
