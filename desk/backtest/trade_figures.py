"""What the closed trades of a backtest came to: one value each, None where there is nothing to make it of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from desk.backtest.ratios import finite
from desk.backtest.rounds import RoundColumns, known
from desk.model.candles import FloatArray
from desk.monitor.estimates import Estimate, mean_of, share_of

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class GainFigures:
    """Profits as fractions of the value at the entry, of the trades that have one; None without any."""

    mean: float | None
    median: float | None
    best: float | None
    worst: float | None


@dataclass(frozen=True, slots=True)
class RiskFigures:
    """Profits and open results in units of the risk (R), of the trades that have one.

    Attributes:
        trades: how many have a known risk.
        mean: the expectancy, with Student's interval; None below two.
        mae, mfe: the worst and the best open result on the mean; None where they are not known of any.
        winners_mae: the worst of the winners: how far a good trade goes wrong first.
        losers_mfe: the best of the losers: how much a bad trade had in hand.
    """

    trades: int
    mean: Estimate | None
    mae: float | None
    mfe: float | None
    winners_mae: float | None
    losers_mfe: float | None


@dataclass(frozen=True, slots=True)
class HoldingFigures:
    """How long trades were held, in seconds; None without any."""

    mean: float | None
    median: float | None
    shortest: float | None
    longest: float | None


@dataclass(frozen=True, slots=True)
class TradeFigures:
    """Figures of closed trades; amounts in account currency after costs. None without a trade, or as it says.

    Attributes:
        wins, draws, losses: trades with a profit above, at and below 0.
        win_rate: of all trades, as a fraction, with Wilson's interval.
        gross_profit, gross_loss: sums of the wins, and of the losses (above 0).
        profit_factor: gross profit by gross loss; None without a loss.
        expectancy: the mean profit of a trade.
        expectancy_ratio: the expectancy by the mean loss; None without a loss.
        payoff_ratio: the mean win by the mean loss; None without either.
        quality: system quality number: the mean profit by its deviation, times the root of the number of trades (Tharp,
            *Trade Your Way to Financial Freedom*, 1998); None below two trades and where nothing varies.
        longest_wins, longest_losses: the longest runs without another outcome, in the order of closing.
        costs: of all trades.
        cost_share: costs by what the trades that won before costs brought; None where none did.
        turnover: what was bought and sold, entries and exits.
        mean_value: of what was bought or sold at an entry.
        held, winners_held, losers_held: of all trades, of the wins and of the losses.
    """

    trades: int
    wins: int
    draws: int
    losses: int
    win_rate: Estimate | None
    profit: float
    gross_profit: float
    gross_loss: float
    profit_factor: float | None
    expectancy: float | None
    expectancy_ratio: float | None
    payoff_ratio: float | None
    quality: float | None
    median: float | None
    best: float | None
    worst: float | None
    longest_wins: int
    longest_losses: int
    costs: float
    cost_share: float | None
    turnover: float
    mean_value: float | None
    gains: GainFigures
    risk: RiskFigures
    held: HoldingFigures
    winners_held: HoldingFigures
    losers_held: HoldingFigures


def trade_figures(rounds: RoundColumns) -> TradeFigures:
    """Return the figures of round trips, of none at all as well."""
    profit, count = rounds.profit, len(rounds)
    won, lost = profit > 0, profit < 0
    wins, losses = int(won.sum()), int(lost.sum())
    gross_profit, gross_loss = float(profit[won].sum()), -float(profit[lost].sum())
    return TradeFigures(
        trades=count,
        wins=wins,
        draws=count - wins - losses,
        losses=losses,
        win_rate=share_of(wins, count) if count else None,
        profit=float(profit.sum()),
        gross_profit=gross_profit,
        gross_loss=gross_loss,
        profit_factor=_ratio(gross_profit, gross_loss),
        expectancy=_mean(profit),
        expectancy_ratio=expectancy_ratio(profit),
        payoff_ratio=_ratio(_mean(profit[won]), -(_mean(profit[lost]) or 0.0)),
        quality=quality(profit),
        median=_median(profit),
        best=_highest(profit),
        worst=_lowest(profit),
        longest_wins=longest_run(won),
        longest_losses=longest_run(lost),
        costs=float(rounds.costs.sum()),
        cost_share=cost_share(profit, rounds.costs),
        turnover=float(rounds.entry_value.sum() + rounds.exit_value.sum()),
        mean_value=_mean(rounds.entry_value),
        gains=_gain_figures(known(rounds.gains)),
        risk=_risk_figures(rounds),
        held=_holding_figures(rounds.held),
        winners_held=_holding_figures(rounds.held[won]),
        losers_held=_holding_figures(rounds.held[lost]),
    )


def expectancy_ratio(profit: FloatArray) -> float | None:
    """Return the mean profit by the mean loss, that is, what a trade brings for each unit that a losing one takes."""
    return _ratio(_mean(profit), -(_mean(profit[profit < 0]) or 0.0))


def quality(profit: FloatArray) -> float | None:
    """Return the system quality number; None below two trades and where nothing but rounding varies."""
    if len(profit) < 2:
        return None
    deviation = float(np.std(profit, ddof=1))
    if deviation <= _ROUNDING * float(np.abs(profit).max()):
        return None
    return finite(float(np.mean(profit)) / deviation * float(np.sqrt(len(profit))))


def cost_share(profit: FloatArray, costs: FloatArray) -> float | None:
    """Return all costs by what the trades that won before costs brought."""
    before = profit + costs
    return _ratio(float(costs.sum()), float(before[before > 0].sum()))


def longest_run(hits: npt.NDArray[np.bool_]) -> int:
    """Return the length of the longest run of hits."""
    edges = np.diff(np.concatenate(([False], hits, [False])).astype(np.int8))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return int(lengths.max()) if len(lengths) else 0


def exposure(rounds: RoundColumns, start: float, end: float) -> float | None:
    """Return the share of the time from `start` to `end`, in seconds, with a trade open; None where no time passed."""
    if end <= start:
        return None
    order = np.argsort(rounds.opened_at, kind="stable")
    opened = np.clip(rounds.opened_at[order], start, end)
    until = np.maximum.accumulate(np.clip(rounds.closed_at[order], start, end))
    before = np.concatenate(([start], until[:-1]))[: len(until)]
    return float(np.maximum(until - np.maximum(opened, before), 0).sum() / (end - start))


def mean_open(rounds: RoundColumns, start: float, end: float) -> float | None:
    """Return how many trades were open on the mean of that time; None where no time passed."""
    if end <= start:
        return None
    held = np.clip(rounds.closed_at, start, end) - np.clip(rounds.opened_at, start, end)
    return float(held.sum() / (end - start))


def _gain_figures(gains: FloatArray) -> GainFigures:
    return GainFigures(_mean(gains), _median(gains), _highest(gains), _lowest(gains))


def _risk_figures(rounds: RoundColumns) -> RiskFigures:
    multiples = known(rounds.multiples)
    mae, mfe = rounds.in_risk(rounds.mae), rounds.in_risk(rounds.mfe)
    return RiskFigures(
        trades=len(multiples),
        mean=mean_of(multiples.tolist()),
        mae=_mean(known(mae)),
        mfe=_mean(known(mfe)),
        winners_mae=_mean(known(mae[rounds.profit > 0])),
        losers_mfe=_mean(known(mfe[rounds.profit < 0])),
    )


def _holding_figures(held: FloatArray) -> HoldingFigures:
    return HoldingFigures(_mean(held), _median(held), _lowest(held), _highest(held))


def _mean(values: FloatArray) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _median(values: FloatArray) -> float | None:
    return float(np.median(values)) if len(values) else None


def _highest(values: FloatArray) -> float | None:
    return float(values.max()) if len(values) else None


def _lowest(values: FloatArray) -> float | None:
    return float(values.min()) if len(values) else None


def _ratio(value: float | None, by: float) -> float | None:
    return finite(value / by) if value is not None and by > 0 else None
