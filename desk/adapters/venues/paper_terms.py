"""From what is written about an account and its venue to the terms that it has on paper."""

from datetime import timedelta

from desk.accounts import AccountSpec, Fleet, VenueFeed
from desk.accounts.connections import CcxtConnection, CoinbaseConnection, KucoinConnection
from desk.accounts.venue_terms import holding_terms
from desk.adapters.venues.paper.terms import PaperTerms
from desk.matching.fees import FeeSchedule
from desk.matching.slippage import Slippage
from desk.model.timeframe import Timeframe

_LONGEST_LAG = timedelta(minutes=5)
"""How long a candle of a live market may be missing before an account on paper is not answered for."""
_QUIET_AFTER = timedelta(seconds=5)
"""For how long after its close a candle is awaited that there is only if there was a trade; feeds wait as long."""


def paper_terms(fleet: Fleet, spec: AccountSpec, base_timeframe: Timeframe) -> PaperTerms:
    """Return what an account on paper starts with and pays."""
    terms = fleet.terms_of(spec.name)
    return PaperTerms(
        currency=spec.currency,
        starting_cash=spec.cash,
        fees=FeeSchedule(maker_bps=terms.maker_fee_bps, taker_bps=terms.taker_fee_bps),
        slippage=Slippage(fixed_bps=terms.slippage_bps),
        half_spread_bps=terms.half_spread_bps,
        participation=terms.participation_fraction,
        max_leverage=terms.max_leverage,
        holding=holding_terms(terms.financing, terms.funding),
        maintenance_fraction=terms.maintenance_fraction,
        liquidation_fee_bps=terms.liquidation_fee_bps,
        longest_lag=_LONGEST_LAG if isinstance(fleet.feed_of(spec.name), VenueFeed) else None,
        quiet_after=_QUIET_AFTER if _is_told_of_trades_only(fleet, spec.name) else None,
        base_timeframe=base_timeframe,
    )


def _is_told_of_trades_only(fleet: Fleet, account: str) -> bool:
    """Whether the account's feed has candles of trades only, and quotes that may be newer than the last trade."""
    feed = fleet.feed_of(account)
    trades_only = CoinbaseConnection | KucoinConnection | CcxtConnection
    return isinstance(feed, VenueFeed) and isinstance(fleet.connections[feed.connection], trades_only)
