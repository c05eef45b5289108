"""Full decisions on the peers' data: sizing, costs, every rule, the breaker, reasons; a script that reports as `ours`.

The policy `every` in `installation/policy.yaml` has every rule of the desk, each too wide to stand in the way, except
cooldown and cooldown_after_loss, whose shortest pause refuses an entry at the close of the candle that hit a stop;
liquidity and unusual_spread, for which the data must have a turnover or both sides; and event_blackout, which needs a
calendar.
"""

from collections.abc import Sequence
from dataclasses import replace

import benchlib  # type: ignore[import-not-found]
import numpy as np

from benchmarks.peers.command import instrument_of, know_instruments, name_of
from benchmarks.peers.comparing import compared_closely
from benchmarks.peers.ours import from_arrays, recordings
from desk.accounts import Fleet, policy_of
from desk.adapters.configuration import read_fleet
from desk.adapters.venues.paper_terms import paper_terms
from desk.backtest.engine import backtest
from desk.backtest.excursions import rounds_of
from desk.backtest.history import History
from desk.backtest.result import BacktestResult
from desk.backtest.rounds import ClosedRound
from desk.backtest.scanning import Setting
from desk.backtest.venue import Opening
from desk.model.candles import Candles, IntArray
from desk.model.timeframe import Timeframe
from desk.registry import strategies

ACCOUNT = "peers-a-every"
BY_ORDER = "order"


def main() -> None:
    """Measure the case that the command line names."""
    told = benchlib.cli()
    know_instruments()
    configuration = recordings() / "config"
    strategies().look_in(configuration / "strategies")
    fleet = read_fleet(configuration)
    candles, load_s = from_arrays(told.case)
    history = history_of(candles)
    first, later, found = benchlib.timed(lambda: decided(fleet, history_of(candles)), told.reps)
    rows = rows_of(rounds_of(found, history))
    benchlib.emit(
        "scandesk",
        told.case,
        variant="decisions",
        trades=len(found.trades),
        final=float(found.equity[-1]),
        load_s=load_s,
        first_s=first,
        later=later,
        refusals=sum(found.refusals.values()),
        **compared_closely(told.case, rows, float(found.equity[-1])),
    )


def decided(fleet: Fleet, history: History) -> BacktestResult:
    """Trade the account's past, indicators included."""
    spec = fleet.account(ACCOUNT)
    opening = Opening(spec.currency, spec.cash, paper_terms(fleet, spec, history.timeframe).matching)
    return backtest(policy_of(fleet, ACCOUNT), history, opening, setting=Setting(fleet.currency, fleet.rates))


def history_of(candles: Sequence[Candles]) -> History:
    """Return candles under the names that the account knows them by."""
    named = {name_of(place): replace(one, instrument=name_of(place)) for place, one in enumerate(candles)}
    return History({name_of(place): instrument_of(place) for place in range(len(candles))}, named)


def rows_of(rounds: Sequence[ClosedRound]) -> IntArray:
    """Return instrument, entry row and exit row of each; an order fills at a candle's open, a level by its close."""
    length = Timeframe.M1.seconds
    start = benchlib.START_MS // 1000

    def row(seconds: float) -> int:
        return int(seconds - start) // length

    listed = [
        (
            int(one.instrument[1:3]),
            row(one.opened_at.timestamp()),
            row(one.closed_at.timestamp()) - (one.exit_reason != BY_ORDER),
        )
        for one in rounds
    ]
    return np.array(listed, dtype=np.int64).reshape(-1, 3)


if __name__ == "__main__":
    main()
