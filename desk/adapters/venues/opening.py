"""From an account's mode to the object that trades for it; modes differ in objects, not in branches elsewhere."""

from datetime import timedelta

from desk.accounts import AccountSpec, Fleet, VenueFeed
from desk.adapters.ledger.database import Database
from desk.adapters.venues.dry_run import DryRunTrading
from desk.adapters.venues.paper.terms import PaperTerms
from desk.adapters.venues.paper.trading import PaperTrading
from desk.matching.fees import FeeSchedule
from desk.matching.slippage import Slippage
from desk.model.cycle import Mode
from desk.ports import Clock, Feed, Trading

_LONGEST_LAG = timedelta(minutes=5)
"""How long a candle of a live market may be missing before an account on paper is not answered for."""


def open_trading(fleet: Fleet, spec: AccountSpec, *, feed: Feed, clock: Clock, database: Database) -> Trading:
    """Return the trading port of an account that trades at no venue; that of a live one is its venue's."""
    if spec.mode is Mode.DRY_RUN:
        return DryRunTrading(currency=spec.currency, starting_cash=spec.cash, clock=clock)
    assert spec.mode is Mode.PAPER, f"{spec.name}: a {spec.mode} account has no trading port of ours"
    terms = fleet.terms_of(spec.name)
    return PaperTrading(
        account=spec.name,
        venue=spec.venue,
        feed=feed,
        clock=clock,
        database=database,
        terms=PaperTerms(
            currency=spec.currency,
            starting_cash=spec.cash,
            fees=FeeSchedule(maker_bps=terms.maker_fee_bps, taker_bps=terms.taker_fee_bps),
            slippage=Slippage(fixed_bps=terms.slippage_bps),
            half_spread_bps=terms.half_spread_bps,
            participation=terms.participation_fraction,
            max_leverage=terms.max_leverage,
            longest_lag=_LONGEST_LAG if isinstance(fleet.feed_of(spec.name), VenueFeed) else None,
            base_timeframe=feed.base_timeframe,
        ),
    )
