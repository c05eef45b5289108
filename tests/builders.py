"""Builders of the desk's nouns: each gives a valid value, and the test names what matters to it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from desk.decide import Policy, WeightedStrategy
from desk.model.books import AccountState, Position, Quote, Snapshot
from desk.model.candles import Candles
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.market import Market
from desk.model.orders import Barriers, FillReason, OrderIntent, OrderType
from desk.model.records import ClosedTrade
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule, Sizing, Strategy

CLOSE = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)

EUR_USD = Instrument("EUR/USD", InstrumentKind.FX, Decimal("0.00001"), Decimal(1), Decimal(1))
XAU_USD = Instrument("XAU/USD", InstrumentKind.METAL, Decimal("0.01"), Decimal(1), Decimal(1))
USD_JPY = Instrument("USD/JPY", InstrumentKind.FX, Decimal("0.001"), Decimal(1), Decimal(1))
BTC_USD = Instrument(
    "BTC/USD", InstrumentKind.SPOT, Decimal("0.01"), Decimal("0.00000001"), Decimal("0.000001"), Decimal(1)
)
INSTRUMENTS = {instrument.name: instrument for instrument in (EUR_USD, XAU_USD, USD_JPY, BTC_USD)}
PRICES = {"EUR/USD": "1.10000", "XAU/USD": "2000.00", "USD/JPY": "150.000", "BTC/USD": "50000.00"}


def quote(instrument: str, *, at: datetime = CLOSE, tradable: bool = True) -> Quote:
    tick = INSTRUMENTS[instrument].tick
    mid = Decimal(PRICES[instrument])
    return Quote(instrument, mid - tick, mid + tick, at, tradable)


def candles(
    closes: Sequence[float],
    *,
    instrument: str = "EUR/USD",
    timeframe: Timeframe = Timeframe.M5,
    closed_at: datetime = CLOSE,
) -> Candles:
    count = len(closes)
    last_open = int(closed_at.timestamp()) - timeframe.seconds
    time = last_open - np.arange(count - 1, -1, -1) * timeframe.seconds
    close = np.asarray(closes, dtype=float)
    opens = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opens, close), np.minimum(opens, close)
    return Candles(instrument, timeframe, time, opens, high, low, close, np.full(count, 100.0))


def market(instrument: str = "EUR/USD", *, count: int = 50, closed_at: datetime = CLOSE) -> Market:
    price = float(PRICES[instrument])
    own = candles(price * (1 + 0.001 * np.sin(np.arange(count))), instrument=instrument, closed_at=closed_at)
    return Market(Timeframe.M5, {Timeframe.M5: own})


def snapshot(
    *,
    equity: str = "10000",
    positions: Sequence[Position] = (),
    quotes: Mapping[str, Quote] | None = None,
    **changes: Any,
) -> Snapshot:
    money = AccountState("USD", Decimal(equity), Decimal(equity), CLOSE, {"JPY": Decimal("0.0066")})
    values: dict[str, Any] = {
        "account": "sample",
        "at": CLOSE,
        "money": money,
        "day_start_equity": money.equity,
        "peak_equity": money.equity,
        "instruments": INSTRUMENTS,
        "quotes": {name: quote(name) for name in INSTRUMENTS} if quotes is None else quotes,
        "positions": tuple(positions),
    }
    return Snapshot(**{**values, **changes})


def position(instrument: str = "EUR/USD", quantity: str = "1000") -> Position:
    cost = Decimal(quantity) * Decimal(PRICES[instrument])
    return Position(instrument, Decimal(quantity), cost, CLOSE - timedelta(hours=1), strategy="constant")


def closed_trade(profit: str = "-10", *, closed_at: datetime = CLOSE, **changes: Any) -> ClosedTrade:
    values: dict[str, Any] = {
        "strategy": "constant",
        "instrument": "EUR/USD",
        "side": Side.BUY,
        "opened_at": closed_at - timedelta(hours=1),
        "closed_at": closed_at,
        "profit": Decimal(profit),
        "fees": Decimal(0),
        "risk": Decimal(10),
        "reason": FillReason.ORDER,
    }
    return ClosedTrade(**{**values, **changes})


def intent(client_order_id: str = "sd-1", *, instrument: str = "EUR/USD", quantity: str = "100") -> OrderIntent:
    return OrderIntent(
        client_order_id=client_order_id,
        account="sample",
        strategy="constant",
        instrument=instrument,
        candle_close=CLOSE,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(quantity),
        barriers=Barriers(),
    )


class Constant(Strategy):
    """Says the same of every candle."""

    score: float = 1.0
    stop: float = 0.001
    target: float = 0.002

    @property
    def warm_up(self) -> int:
        return 10

    def evaluate(self, market: Market) -> Scores:
        ones = np.ones(len(market.own))
        return Scores(ones * self.score, ones * self.stop, ones * self.target, {"close": market.own.close})


class Failing(Constant):
    """Raises on every candle."""

    def evaluate(self, market: Market) -> Scores:
        raise ZeroDivisionError("no volume")


class FixedQuantity(Sizing):
    """Asks for the same quantity every time."""

    quantity: Decimal = Decimal(1000)

    def size(
        self, instrument: Instrument, price: Decimal, stop_distance: Decimal, snapshot: Snapshot, strategy: str = ""
    ) -> Decimal:
        return self.quantity


class AtMost(RiskRule):
    """Lets a fixed quantity per instrument pass, what is pending included."""

    quantity: Decimal

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        from desk.model.reasons import Reason

        room = max(Decimal(0), self.quantity - abs(snapshot.quantity(proposal.instrument)))
        allowed = min(proposal.quantity, room)
        reason = Reason.POSITION_SIZE if allowed < proposal.quantity else None
        return self.finding(allowed, limit=self.quantity, observed=proposal.quantity, unit="units", reason=reason)


Constant.name, Failing.name, FixedQuantity.name, AtMost.name = "constant", "failing", "fixed_quantity", "at_most"


def policy(
    *strategies: Strategy, instruments: Sequence[str] = ("EUR/USD",), rules: Sequence[RiskRule] = (), **changes: Any
) -> Policy:
    values: dict[str, Any] = {
        "account": "sample",
        "timeframe": Timeframe.M5,
        "instruments": tuple(instruments),
        "strategies": tuple(WeightedStrategy(strategy, 1.0) for strategy in strategies or (Constant(),)),
        "sizing": FixedQuantity(),
        "rules": tuple(rules),
        "entry_score": 0.5,
        "exit_score": 0.3,
        "time_limit": None,
        "lookback": 50,
    }
    return Policy(**{**values, **changes})
