"""The fleet's configuration: read, checked as a whole, resolved. `load_fleet` is the way in.

`policy_of` builds what an account decides by; `schema`, `show` and `render_reference` in `desk.accounts.showing`
tell people and editors about it.
"""

from desk.accounts.building import policy_of
from desk.accounts.connections import ConnectionSpec
from desk.accounts.fleet import Fleet
from desk.accounts.loading import ACCOUNTS_FILE, POLICY_FILE, load_fleet
from desk.accounts.schedule import Schedule
from desk.accounts.spec import (
    AccountSpec,
    FeedClock,
    FeedSpec,
    PolicySpec,
    RecordedFeed,
    RuleSpec,
    SizingSpec,
    StrategySpec,
    SyntheticFeed,
    Venue,
    VenueFeed,
)
from desk.accounts.venue_terms import VenueTerms

__all__ = [
    "ACCOUNTS_FILE",
    "POLICY_FILE",
    "AccountSpec",
    "ConnectionSpec",
    "FeedClock",
    "FeedSpec",
    "Fleet",
    "PolicySpec",
    "RecordedFeed",
    "RuleSpec",
    "Schedule",
    "SizingSpec",
    "StrategySpec",
    "SyntheticFeed",
    "Venue",
    "VenueFeed",
    "VenueTerms",
    "load_fleet",
    "policy_of",
]
