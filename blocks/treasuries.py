"""From accounts to what moves money between them or converts it, or why nothing does."""

from blocks.resources import resources
from desk.accounts import AccountSpec
from desk.accounts.connections import CoinbaseConnection, KucoinConnection
from desk.adapters.feeds.presents import clock_of
from desk.adapters.venues.coinbase.names import EQUAL
from desk.adapters.venues.opening import open_paper_treasury
from desk.adapters.venues.reached import Banking
from desk.model.cycle import Mode
from desk.ports import Treasury


def treasury_between(source: AccountSpec, target: AccountSpec) -> Treasury | str:
    """Return what moves money from one account to another, or in words why only a person can."""
    if source.currency != target.currency:
        return f"they count in {source.currency} and {target.currency}"
    if source.mode is Mode.PAPER and target.mode is Mode.PAPER:
        shared = resources()
        fleet, feed = shared.fleet(), shared.feed(source.name)
        return open_paper_treasury(
            fleet,
            (source, target),
            base_timeframe=feed.matching.base_timeframe,
            clock=clock_of(fleet.feed_of(source.name)),
            database=shared.ledger.database,
        )
    if not source.mode is target.mode is Mode.LIVE:
        return f"they are accounts of different kinds: {source.mode} and {target.mode}"
    return _between_wallets(source, target)


def _between_wallets(source: AccountSpec, target: AccountSpec) -> Treasury | str:
    fleet = resources().fleet()
    given, taken = fleet.connection_of(source.name), fleet.connection_of(target.name)
    if not (isinstance(given, KucoinConnection) and isinstance(taken, KucoinConnection)):
        return "only KuCoin moves money between the wallets of its two markets"
    if (given.secrets, given.environment) != (taken.secrets, taken.environment):
        return "their connections have different keys, so that they may be of different customers"
    assert source.connection is not None, f"{source.name}: a live account was loaded without a connection"
    reached = resources().reached(source.connection)
    return reached.treasury(source) if isinstance(reached, Banking) else "its connection cannot move money"


def converter_of(account: AccountSpec, instrument: str) -> Treasury | str:
    """Return what converts money of an account without an order, or in words why only a person can.

    Args:
        account: which counts in what is given.
        instrument: what is received, and what is given for it, as in `USDC/USD`.
    """
    received, _, given = instrument.partition("/")
    connection = resources().fleet().connection_of(account.name)
    if account.mode is not Mode.LIVE or not isinstance(connection, CoinbaseConnection) or {received, given} != EQUAL:
        return "the desk sends no order for it"
    if account.currency != given:
        return f"the account counts in {account.currency}, not in {given}"
    if not any(name.endswith(f"/{received}") for name in account.instruments):
        return f"no instrument of the account is paid in {received}, so that its equity leaves that out"
    assert account.connection is not None, f"{account.name}: a live account was loaded without a connection"
    reached = resources().reached(account.connection)
    return reached.treasury(account) if isinstance(reached, Banking) else "its connection converts nothing"
