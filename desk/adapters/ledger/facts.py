"""What the ledger answers where no noun of the core says it: values read from the tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from desk.model.cycle import CycleKey, CycleRecord, CycleState, Mode
from desk.model.orders import Fill, OrderIntent, OrderState
from desk.model.records import Trade


@dataclass(frozen=True, slots=True)
class Claim:
    """What a run finds when it takes up a cycle.

    Attributes:
        state: as it was found; RUNNING where the cycle is new. A finished cycle is not run again.
        is_new: whether this call made the record.
        notified_at: when people were told of a finished cycle; None where that is still to be done.
        superseded_by: the newest candle that the account has a cycle of, where it is newer than this one.
    """

    key: CycleKey
    state: CycleState
    is_new: bool
    notified_at: datetime | None = None
    superseded_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class CycleSummary:
    """One line about a cycle; `equity` is in account currency, None where no snapshot was taken."""

    key: CycleKey
    state: CycleState
    mode: Mode
    detail: str
    equity: Decimal | None
    started_at: datetime
    finished_at: datetime | None
    notified_at: datetime | None
    durations: Mapping[str, float]
    flow_run_id: str
    config_version: str
    code_version: str


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An intent and what became of it; `reason` holds the words of the last change."""

    intent: OrderIntent
    state: OrderState
    venue_order_id: str
    filled_quantity: Decimal
    reason: str
    planned_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One thing that became known of an order; `venue_at` is the venue's own time, where the venue said it."""

    client_order_id: str
    sequence: int
    state: OrderState
    filled_quantity: Decimal
    detail: str
    at: datetime
    venue_at: datetime | None


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """An account's money at a time, in account currency."""

    at: datetime
    equity: Decimal
    cash: Decimal


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """Where an account stands.

    Attributes:
        equity, day_profit, peak: in account currency, None without any equity; `day_profit` is the equity less the
            day's first, `peak` its highest so far. Money that the desk moved is neither won nor lost.
    """

    account: str
    last_cycle: CycleSummary | None
    equity: Decimal | None
    day_profit: Decimal | None
    open_positions: int
    peak: Decimal | None

    @property
    def drawdown_fraction(self) -> float | None:
        """How much of its highest equity the account lacks; None where it is not known."""
        if self.equity is None or self.peak is None or self.peak <= 0:
            return None
        return float((self.peak - self.equity) / self.peak)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that the desk knows of one cycle, narrowed to one instrument where one was asked for.

    Attributes:
        summary: its times, which the record leaves out.
        orders, fills, trades: as they stand now, which may be later than the record.
        unconverted: the ids of booked fills that profit and fees leave out, because a currency has no rate.
    """

    summary: CycleSummary
    record: CycleRecord
    orders: tuple[OrderRecord, ...]
    events: tuple[OrderEvent, ...]
    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]
    unconverted: tuple[str, ...] = ()
