"""What trading the past came to, and why: all that a report or a comparison is made from."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from desk.backtest.curve import EquityCurve
from desk.backtest.journal import DatedTrip, Mark
from desk.backtest.scanning import Step
from desk.backtest.venue import Opening
from desk.matching.book import Holding
from desk.model.candles import FloatArray, IntArray
from desk.model.orders import Fill
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade, Trade
from desk.model.trade import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class BacktestResult:
    """One account over a stretch of the past.

    Attributes:
        opening: what the account began with; every amount is in its currency.
        times: when each cycle's candle closed, int64, seconds since the epoch (UTC).
        equity: at the end of each cycle, float64.
        steps: the cycles in which something was proposed, with verdicts and orders; signals are of the instruments that
            had to be judged.
        fills: oldest first, charges for what was held among them.
        trades: the round trips that are over, in the order of their ends; `closed` has their profit and risk.
        open: what is held at the end, by instrument.
        no_trades: how often each reason kept each instrument from a proposal.
        trips: what the breaker did, oldest first.
        last: the last exact mark of the equity.
        data: identity of the candles, see `History.identity`.
    """

    account: str
    opening: Opening
    start: datetime
    end: datetime
    times: IntArray
    equity: FloatArray
    steps: tuple[Step, ...]
    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]
    closed: tuple[ClosedTrade, ...]
    open: Mapping[str, Holding]
    no_trades: Mapping[str, Counter[Reason]]
    trips: tuple[DatedTrip, ...]
    last: Mark
    data: str

    @property
    def currency(self) -> str:
        """The account's."""
        return self.opening.currency

    @property
    def curve(self) -> EquityCurve:
        """The equity over time, with what the account began with before its first cycle."""
        first = min(int(self.start.timestamp()), int(self.times[0]) - 1)
        times = np.concatenate((np.array([first], dtype=np.int64), self.times))
        return EquityCurve(times, np.concatenate(([float(self.opening.cash)], self.equity)))

    @property
    def charges(self) -> Mapping[str, Decimal]:
        """What holding positions has cost, by the order that opened each; below 0 for what it has brought."""
        found: dict[str, Decimal] = {}
        for fill in self.fills:
            if fill.reason.is_charge:
                found[fill.client_order_id] = found.get(fill.client_order_id, Decimal(0)) + fill.fee
        return found

    @property
    def verdicts(self) -> Iterator[Verdict]:
        """Yield every verdict, oldest first."""
        for step in self.steps:
            yield from step.decision.verdicts

    @property
    def refusals(self) -> Counter[tuple[str, Reason]]:
        """How often each rule has cut or refused a proposal, with which reason."""
        return Counter(
            (finding.rule, finding.reason)
            for verdict in self.verdicts
            for finding in verdict.findings
            if finding.reason is not None
        )
