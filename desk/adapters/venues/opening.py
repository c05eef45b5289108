"""From an account's mode to the object that trades for it; modes differ in objects, not in branches elsewhere."""

from desk.accounts import AccountSpec, Fleet
from desk.adapters.ledger.database import Database
from desk.adapters.venues.dry_run import DryRunTrading
from desk.adapters.venues.paper.store import open_store
from desk.adapters.venues.paper.trading import PaperTrading
from desk.adapters.venues.paper.treasury import PaperTreasury
from desk.adapters.venues.paper_terms import paper_terms
from desk.model.cycle import Mode
from desk.model.timeframe import Timeframe
from desk.ports import Clock, Feed, Trading


def open_trading(fleet: Fleet, spec: AccountSpec, *, feed: Feed, clock: Clock, database: Database) -> Trading:
    """Return the trading port of an account that trades at no venue; that of a live one is its venue's."""
    if spec.mode is Mode.DRY_RUN:
        return DryRunTrading(currency=spec.currency, starting_cash=spec.cash, clock=clock)
    assert spec.mode is Mode.PAPER, f"{spec.name}: a {spec.mode} account has no trading port of ours"
    terms = paper_terms(fleet, spec, feed.base_timeframe)
    return PaperTrading(account=spec.name, venue=spec.venue, feed=feed, clock=clock, database=database, terms=terms)


def open_paper_treasury(
    fleet: Fleet, ends: tuple[AccountSpec, AccountSpec], *, base_timeframe: Timeframe, clock: Clock, database: Database
) -> PaperTreasury:
    """Return what moves money between two accounts on paper, from the first to the second."""
    source, target = (
        open_store(database, spec.venue, spec.name, paper_terms(fleet, spec, base_timeframe)) for spec in ends
    )
    return PaperTreasury(venue=ends[0].venue, database=database, clock=clock, source=source, target=target)
