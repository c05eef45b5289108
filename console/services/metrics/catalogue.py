"""What `/metrics` tells: names, units and labels by the conventions of Prometheus.

A counter is a count of rows of the ledger, so that a restart of the server does not begin it anew. What has no value,
an account without money or a venue that was never called, has no sample.
"""

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "scandesk_"


class Kind(StrEnum):
    """How a value moves: a counter only ever grows."""

    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is told.

    Attributes:
        name: as it is asked for, with its unit and, of a counter, `_total` at its end.
        meaning: one sentence without its full stop.
    """

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()


def _counter(name: str, meaning: str, *labels: str) -> Metric:
    return Metric(f"{PREFIX}{name}_total", Kind.COUNTER, meaning, labels)


def _gauge(name: str, meaning: str, *labels: str) -> Metric:
    return Metric(f"{PREFIX}{name}", Kind.GAUGE, meaning, labels)


ACCOUNT = _gauge("account_info", "1 for each configured account", "account", "venue", "mode", "active")
COMPONENT = _gauge(
    "component_state", "1 for the state that a part of the desk is in, 0 for the others", "component", "state"
)
CONFIGURATION = _gauge("configuration_in_force", "1 where scans go by the files as they are written, 0 where not")

CYCLES = _counter("cycles", "Cycles by what became of them; skipped_stale came too late", "account", "state")
SCAN_AGE = _gauge("scan_age_seconds", "Since the candle of the newest cycle closed, by the account's clock", "account")
SCAN_OVERDUE = _gauge("scan_overdue", "1 where a scan of an active account was due and did not begin", "account")
SCAN_DELAY = _gauge("scan_delay_seconds", "From the close of its candle to the begin of the newest scan", "account")
SCAN_DURATION = _gauge("scan_duration_seconds", "From the begin of the newest scan to its end", "account")
STAGE_DURATION = _gauge("scan_stage_duration_seconds", "How long a stage of the newest scan took", "account", "stage")

SIGNALS = _counter("signals", "Signals by direction: long, short or flat", "account", "strategy", "direction")
REFUSALS = _counter(
    "refusals",
    "How often a reason code kept an instrument from being traded, or cut what was proposed",
    "account",
    "reason",
)
ORDERS = _gauge("orders", "Orders that there are in each state", "account", "state")
ORDERS_PLANNED = _counter("orders_planned", "Orders that were ever planned", "account")
FILLS = _counter("fills", "Fills that were booked, adjustments among them", "account")
CLOSED_TRADES = _counter("closed_trades", "Round trips that have ended", "account", "strategy")
ENTRY_SLIPPAGE = _gauge(
    "entry_slippage_last_day",
    "How much worse than proposed the entries of the trades were filled that were closed in 24 hours, in the currency",
    "account",
    "currency",
)
FEES = _gauge("fees_last_day", "Fees of the trades that were closed in 24 hours", "account", "currency")

EQUITY = _gauge("equity", "What the account is worth", "account", "currency")
CASH = _gauge("cash", "What the account has in cash", "account", "currency")
DAY_PROFIT = _gauge("day_profit", "Equity less that at the start of the UTC day", "account", "currency")
DRAWDOWN = _gauge(
    "drawdown_ratio", "How far the equity is below its peak: 0 at the peak, 1 for nothing left", "account"
)
OPEN_POSITIONS = _gauge("open_positions", "Positions that are held by the fills", "account")
POSITION_VALUE = _gauge(
    "position_value",
    "What is held and may still be opened, at the prices of the last decision; below 0 for short",
    "account",
    "instrument",
    "currency",
)
EXPOSURE = _gauge("exposure_ratio", "All positions without their signs, as a multiple of the equity", "account")
TRADING_STATE = _gauge("trading_state", "1 for the trading state in force, 0 for the others", "account", "state")

ADJUSTMENTS = _counter("adjustments", "Differences between ledger and venue that reconciliation made good", "account")
EXTERNALS = _gauge("externals", "Orders and positions at the venue that the desk did not make", "account", "kind")

VENUE_CALLS = _gauge(
    "venue_calls_this_hour",
    "Calls of the hour that has begun, by result: ok, error, limited (too many for "
    "the venue) or refused (not sent, by the budget)",
    "venue",
    "environment",
    "endpoint",
    "result",
)
BUDGET = _gauge("venue_budget_calls", "How many calls a limit allows", "venue", "environment", "credential", "period")
BUDGET_ROOM = _gauge(
    "venue_budget_room_calls", "How many calls may leave now", "venue", "environment", "credential", "period"
)
SILENCE = _gauge("venue_silence_seconds", "How long a venue still wants to be left alone", "venue", "environment")

STREAM = _gauge("stream_live", "1 where a stream of a venue is as it should be, 0 where not", "stream")
STREAM_AGE = _gauge("stream_age_seconds", "Since a stream last said something, a heartbeat included", "stream")

CATALOGUE: tuple[Metric, ...] = (
    *(ACCOUNT, COMPONENT, CONFIGURATION),
    *(CYCLES, SCAN_AGE, SCAN_OVERDUE, SCAN_DELAY, SCAN_DURATION, STAGE_DURATION),
    *(SIGNALS, REFUSALS, ORDERS, ORDERS_PLANNED, FILLS, CLOSED_TRADES, ENTRY_SLIPPAGE, FEES),
    *(EQUITY, CASH, DAY_PROFIT, DRAWDOWN, OPEN_POSITIONS, POSITION_VALUE, EXPOSURE, TRADING_STATE),
    *(ADJUSTMENTS, EXTERNALS, VENUE_CALLS, BUDGET, BUDGET_ROOM, SILENCE, STREAM, STREAM_AGE),
)
