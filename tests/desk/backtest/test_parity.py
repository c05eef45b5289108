"""Scanning recorded candles on paper and backtesting them is the same: decisions, fills, trades and money."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.accounts import Fleet
from desk.adapters.backtests.opening import Past, open_past
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.trade_lists import TradeQuestion
from desk.adapters.ledger.verifying import verify
from desk.backtest.curve import moment
from desk.backtest.engine import Windows, backtest
from desk.backtest.excursions import rounds_of
from desk.backtest.headlines import headlines, measure
from desk.backtest.history import History
from desk.backtest.result import BacktestResult
from desk.decide import Policy
from desk.decide.differing import Difference
from desk.execution.cash import expected_cash
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.cycle import CycleKey, CycleRecord
from desk.model.instrument import Instrument
from desk.model.orders import FillReason
from desk.model.records import Trade
from desk.model.timeframe import Timeframe
from desk.steps.redeciding import redecide
from tests.desk.backtest.living import Time, ledger_in, live_through

PROJECT = Path(__file__).parents[3]
DATA = PROJECT.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")

START, END = datetime(2014, 5, 5, tzinfo=UTC), datetime(2014, 5, 10, tzinfo=UTC)
FLEET = f"""
feeds:
  past:
    kind: recorded
    files:
      EUR/USD: {DATA}/EUR_USD_H1_bidask_oanda_lean.parquet
      XAU/USD: {DATA}/XAU_USD_H1_bidask_oanda_lean.parquet
      GBP/USD: {DATA}/GBP_USD_H1_mt5_2012_2022.parquet
  coins:
    kind: recorded
    files:
      "BTC/USDT:USDT": {DATA}/BTC-USDT_M5_binance_2024.parquet
      "ETH/USDT:USDT": {DATA}/ETH-USDT_M5_binance_2024.parquet
venues:
  oanda:
    maker_fee_bps: 0.5
    taker_fee_bps: 1
    slippage_bps: 0.2
    half_spread_bps: 0.4
    max_leverage: 20
    financing: {{EUR/USD: {{long_rate: 0.031, short_rate: -0.012}}, XAU/USD: {{long_rate: 0.05, short_rate: 0.01}}}}
  aster:
    maker_fee_bps: 1
    taker_fee_bps: 3.5
    slippage_bps: 1
    half_spread_bps: 1
    max_leverage: 50
    maintenance_fraction: 0.015
    liquidation_fee_bps: 50
    funding: {{"BTC/USDT:USDT": {{rate: 0.0003, interval: 2h}}, "ETH/USDT:USDT": {{rate: -0.0002}}}}
defaults: {{feed: past, mode: paper, policy: calm, timeframe: H1, venue: oanda, currency: USD, starting_cash: 100_000}}
accounts:
  swing:
    instruments: [EUR/USD, GBP/USD]
    strategies: [{{name: swing_trading}}]
    schedule: {{every: 1h}}
  metals:
    instruments: [XAU/USD]
    strategies: [{{name: momentum_trading, parameters: {{target_atr: 1}}}}]
    schedule: {{every: 1h}}
    policy: quick
  vote:
    instruments: [EUR/USD, XAU/USD]
    strategies:
      - {{name: momentum_trading, weight: 2}}
      - {{name: mean_reversion}}
      - {{name: risk_off}}
    schedule: {{every: 1h}}
    policy: quick
  perpetuals:
    feed: coins
    venue: aster
    currency: USDT
    policy: bold
    instruments: ["BTC/USDT:USDT", "ETH/USDT:USDT"]
    strategies: [{{name: momentum_trading, parameters: {{stop_atr: 10, target_atr: 20}}}}]
    schedule: {{every: 1h}}
"""
CURRENCIES = ("swing", "metals", "vote")
POLICY = """
policies:
  calm:
    sizing: {name: fixed_fraction, parameters: {fraction: 0.005, max_notional_fraction: 0.5}}
    entry_score: 0.35
    exit_score: 0.3
    time_limit: 2d
    rules:
      - {name: number_of_positions, limit: 3}
      - {name: total_exposure, multiple: 1}
      - {name: currency_exposure, multiple: 0.75}
      - {name: correlated_exposure, multiple: 2}
      - {name: cooldown, period: 1h}
      - {name: daily_loss, fraction: 0.005}
      - {name: drawdown, fraction: 0.05}
    breaker: {daily_loss_fraction: 0.01, drawdown_fraction: 0.05, consecutive_losses: 8, orders_per_hour: 30}
  quick:
    extends: calm
    time_limit: 6h
    regimes: {}
    votes: {records: {}}
  bold:
    sizing: {name: fixed_notional, parameters: {fraction: 25, max_risk_fraction: 1}}
    entry_score: 0.2
    exit_score: 1
    rules: [{name: number_of_positions, limit: 2}]
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    config = tmp_path / "config"
    config.mkdir()
    (config / "accounts.yaml").write_text(FLEET)
    (config / "policy.yaml").write_text(POLICY)
    shutil.copy(PROJECT / "config" / "universe.yaml", config)
    return read_fleet(config)


async def test_three_accounts_over_five_real_days_come_to_the_same_live_and_in_a_backtest(
    fleet: Fleet, tmp_path: Path
) -> None:
    exits: set[FillReason] = set()
    clock = Time()
    async with ledger_in(tmp_path, clock) as ledger:
        for name in CURRENCIES:
            past = await open_past(fleet, name)
            exact = backtest(
                past.policy,
                past.history,
                past.opening,
                start=START,
                end=END,
                setting=past.setting,
                windows=Windows.LIVE,
            )
            await live_through(fleet, name, [moment(int(close)) for close in exact.times], ledger, clock)

            fills = await ledger.recent_fills(name, datetime(1970, 1, 1, tzinfo=UTC))
            assert len(fills) > 3
            assert fills == exact.fills
            for step in exact.steps:
                record = await ledger.cycle(CycleKey(name, step.close))
                assert record is not None
                assert record.decision.verdicts == step.decision.verdicts
                assert record.decision.intents == step.decision.intents
                assert await differ(record, past.policy, past.history) == ()
            stricter = replace(past.policy, entry_score=1.0)
            assert any([await differ(record, stricter, past.history) for record in await records_of(ledger, exact)])
            curve = await ledger.equity_curve(name)
            assert [point.equity for point in curve][-1] == exact.last.equity
            assert [float(point.equity) for point in curve] == list(exact.equity)
            assert trades_of(await ledger.trades(name)) == trades_of(exact.trades)
            ways = await ways_of(ledger, name)
            for one in rounds_of(exact, past.history):
                assert ways[one.instrument, one.opened_at] == pytest.approx((one.mae, one.mfe), rel=1e-9)
            exits |= {fill.reason for fill in exact.fills}

            quick = run(past, Windows.ALL)
            assert quick.fills == exact.fills
            assert quick.no_trades == exact.no_trades
            assert quick.refusals == exact.refusals
            assert quick.equity == pytest.approx(exact.equity, rel=1e-12)
    assert exits >= {FillReason.ORDER, FillReason.STOP, FillReason.TARGET, FillReason.TIME_LIMIT, FillReason.FINANCING}


async def test_perpetuals_pay_funding_and_are_liquidated_the_same_live_and_in_a_backtest(
    fleet: Fleet, tmp_path: Path
) -> None:
    start, end = datetime(2024, 1, 8, 2, tzinfo=UTC), datetime(2024, 1, 8, 20, tzinfo=UTC)
    past, clock = await open_past(fleet, "perpetuals"), Time()
    quick, exact = (
        backtest(past.policy, past.history, past.opening, start=start, end=end, setting=past.setting, windows=windows)
        for windows in (Windows.ALL, Windows.LIVE)
    )
    async with ledger_in(tmp_path, clock) as ledger:
        await live_through(fleet, "perpetuals", [moment(int(close)) for close in exact.times], ledger, clock)

        fills = await ledger.recent_fills("perpetuals", datetime(1970, 1, 1, tzinfo=UTC))
        assert {fill.reason for fill in fills} == {FillReason.ORDER, FillReason.FUNDING, FillReason.LIQUIDATION}
        assert fills == exact.fills == quick.fills
        assert [point.equity for point in await ledger.equity_curve("perpetuals")][-1] == exact.last.equity
        trades = trades_of(await ledger.trades("perpetuals"))
        assert trades == trades_of(exact.trades)
        for trade in trades:
            own = (fill for fill in fills if fill.client_order_id.startswith(trade.entry_order_id))
            assert trade.fees == sum(fill.fee for fill in own)
        book = await ledger.cash_book("perpetuals")
        cash = (await ledger.equity_curve("perpetuals"))[-1].cash
        assert past.opening.cash + expected_cash(book, "USDT", ()) == cash
        assert [check.first for check in await verify(ledger.database) if check.bad] == []
        paid = [trade.financing for trade in await ledger.paid_trades("perpetuals")]
        ways = await ways_of(ledger, "perpetuals")
    assert paid == [exact.charges[trade.entry_order_id] for trade in exact.trades]
    rounds = rounds_of(exact, past.history)
    assert [one.financing for one in rounds] == [float(one) for one in paid]
    for one in rounds:  # the scan sees candles of an hour, the backtest those of five minutes
        mae, mfe = ways[one.instrument, one.opened_at]
        assert mae <= one.mae + 1e-6
        assert mfe >= one.mfe - 1e-6
    told = {one.name: one.value for one in headlines(exact, measure(exact, past.history))}
    assert told["of these financing and funding"] == f"{sum(paid):,.2f} USDT"


async def records_of(ledger: Ledger, result: BacktestResult) -> list[CycleRecord]:
    found = [await ledger.cycle(CycleKey(result.account, step.close)) for step in result.steps]
    return [record for record in found if record is not None]


async def differ(record: CycleRecord | None, policy: Policy, history: History) -> tuple[Difference, ...]:
    """What is decided otherwise today about a cycle that was recorded."""
    assert record is not None
    found = await redecide(record, policy, Remembered(history))
    assert found is not None
    return found.differences


class Remembered:
    """A feed over the candles of a backtest."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.base_timeframe = history.timeframe

    async def instruments(self) -> Mapping[str, Instrument]:
        return self._history.instruments

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        return self._history.candles(instrument, timeframe).until(until).tail(count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        raise AssertionError("quotes are those of the recorded snapshot")


async def ways_of(ledger: Ledger, account: str) -> dict[tuple[str, datetime], tuple[float, float]]:
    """The worst and the best open result of each trade, as the ledger has it; one that it does not know is missing."""
    found = await ledger.trades_of(TradeQuestion([account]), before=None, limit=1000)
    return {
        (one.trade.instrument, one.trade.opened_at): (float(one.mae), float(one.mfe))
        for one in found
        if one.mae is not None and one.mfe is not None
    }


def run(past: Past, windows: Windows) -> BacktestResult:
    return backtest(
        past.policy, past.history, past.opening, start=START, end=END, setting=past.setting, windows=windows
    )


def trades_of(trades: Iterable[Trade]) -> list[Trade]:
    return sorted((trade for trade in trades if trade.closed_at is not None), key=lambda trade: trade.opened_by)
