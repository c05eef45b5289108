"""One scan of one account, from its inputs to what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from desk.model.books import Snapshot
from desk.model.orders import Order, OrderIntent
from desk.model.regimes import Conditions
from desk.model.trade import NoTrade, Proposal, Verdict
from desk.model.views import Plan, Signal


class Mode(StrEnum):
    """What an account does with its decisions."""

    DRY_RUN = "dry_run"
    PAPER = "paper"
    LIVE = "live"


class CycleState(StrEnum):
    """What became of a cycle.

    TRADED and HELD are finished: the desk decided, and sent orders or had none to send. NO_TRADE ended with an error
    and may be run again while its candle is fresh. SKIPPED_STALE came too late; another run may still be in time.
    FAILED, CRASHED and CANCELLED are flow runs that ended before the cycle could be recorded.
    """

    RUNNING = "running"
    TRADED = "traded"
    HELD = "held"
    NO_TRADE = "no_trade"
    SKIPPED_STALE = "skipped_stale"
    FAILED = "failed"
    CRASHED = "crashed"
    CANCELLED = "cancelled"

    @property
    def is_finished(self) -> bool:
        """Whether a second run of the cycle has nothing left to do."""
        return self in (CycleState.TRADED, CycleState.HELD)


@dataclass(frozen=True, slots=True)
class CycleKey:
    """The name of a cycle: an account and the close of the candle that it acts on."""

    account: str
    candle_close: datetime

    def __str__(self) -> str:
        return f"{self.account} {self.candle_close:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the pure middle has made of a snapshot and the market so far; each stage adds its part.

    Attributes:
        no_trades: the instruments that dropped out, and why; each instrument ends here or in `proposals`.
        conditions: what the instruments' newest candles were met in, where something is known; for the later stages
            alone, the ledger keeps of it what a vote or a reason says.
        plans: what rules say of entries, by strategy and instrument; for the later stages alone, too: a proposal has
            what it was made by.
    """

    signals: tuple[Signal, ...] = ()
    no_trades: tuple[NoTrade, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    intents: tuple[OrderIntent, ...] = ()
    conditions: Mapping[str, Conditions] = field(default_factory=dict)
    plans: Mapping[tuple[str, str], Plan] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CycleRecord:
    """Inputs and outputs of every stage; nothing about a decision lives anywhere else.

    Attributes:
        detail: why the cycle ended as it did, where its state alone does not say.
        orders: what the venue said of each intent.
        durations: seconds per stage.
        config_version, code_version: what the decision was made with.
    """

    key: CycleKey
    state: CycleState
    mode: Mode
    decision: Decision = Decision()
    snapshot: Snapshot | None = None
    orders: tuple[Order, ...] = ()
    detail: str = ""
    durations: Mapping[str, float] = field(default_factory=dict)
    config_version: str = ""
    code_version: str = ""
