"""What may have happened to the account `sample`, written as the scan writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import CycleKey, CycleState, Decision, Mode
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderState
from desk.model.reasons import Reason
from desk.model.timeframe import Timeframe
from desk.model.trade import NoTrade
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, answer, fill, record, signal

LATER = CLOSE + timedelta(minutes=5)
RATES: Mapping[str, Decimal] = CONVERSION


async def traded(ledger: Ledger) -> None:
    """The cycle at CLOSE: EUR/USD reduced and filled, XAU/USD refused, BTC/USD passed over."""
    done = record()
    (asked,) = done.decision.intents
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    assert lease is not None
    await ledger.store_intents((asked,))
    assert await ledger.start_sending(asked.client_order_id, lease)
    executed = fill(order=asked.client_order_id, after=2)
    await ledger.record_order("sample", answer(asked, OrderState.FILLED, executed, at=executed.at))
    await ledger.book_fills("sample", (executed,), cursor="1", conversion=RATES, now=CLOSE)
    await ledger.record_equity("sample", CLOSE, Decimal("10000.10"), Decimal(10000))
    await ledger.record_equity("sample", CLOSE + timedelta(seconds=9), Decimal("10012.345"), Decimal("9999.99"))
    await ledger.record_cycle(done, now=CLOSE + timedelta(seconds=3))


async def held(ledger: Ledger, close: datetime = CLOSE) -> None:
    """A cycle in which a score was too low."""
    quiet = Decision(
        signals=(signal("EUR/USD", 0.2),),
        no_trades=(
            NoTrade("EUR/USD", Reason.BELOW_THRESHOLD, "score +0.20, threshold 0.35; constant: long 0.20: close 1.1"),
        ),
    )
    await ledger.record_cycle(replace(record(CycleKey("sample", close), CycleState.HELD), decision=quiet), now=close)


async def failed(
    ledger: Ledger, *, state: CycleState = CycleState.FAILED, account: str = "sample", run: str = ""
) -> None:
    """A cycle after the others that ended before it was recorded."""
    detail = "VenueUnavailable: oanda: candles failed: no answer\nTraceback (most recent call last)"
    await ledger.record_run_end(CycleKey(account, LATER), state, detail, LATER, mode=Mode.PAPER, flow_run_id=run)


async def ended(
    ledger: Ledger,
    state: CycleState,
    account: str = "sample",
    *,
    close: datetime = CLOSE,
    started: datetime = CLOSE,
) -> None:
    """A cycle that was recorded with this state; `started` is by the machine's clock."""
    await ledger.record_cycle(replace(record(CycleKey(account, close), state), detail="no answer"), now=started)


async def just_scanned(ledger: Ledger, state: CycleState = CycleState.HELD) -> None:
    """A scan that began a moment ago, of the candle that closed last."""
    now = datetime.now(UTC)
    await ended(ledger, state, close=Timeframe.M5.floor(now), started=now)


async def traded_often(
    ledger: Ledger, profits: Sequence[str], account: str = "sample", strategy: str = "momentum_trading"
) -> None:
    """Round trips of an account, one a minute from CLOSE on, each with 100 at risk and a profit in account currency."""
    orders = [
        replace(intent(f"sd-{account}-{n}"), account=account, strategy=strategy, barriers=Barriers(stop=Decimal("0.1")))
        for n in range(len(profits))
    ]
    await ledger.store_intents(orders)
    fills = []
    for n, (asked, profit) in enumerate(zip(orders, profits, strict=True)):
        bought = fill(f"{account}-B{n}", order=asked.client_order_id, after=60 * n, fee="0")
        price = bought.price + Decimal(profit) / 100
        fills += [bought, fill(f"{account}-S{n}", side=Side.SELL, price=f"{price}", after=60 * n + 30, fee="0")]
    await ledger.book_fills(account, tuple(fills), cursor="1", conversion=RATES, now=CLOSE)


FALLING = ("90", "150") * 10 + ("-90", "-40", "-100", "-70", "-60")
"""Profits of a strategy that has decayed, with windows of 5 after 20."""
MONITOR = "    monitor: {window: 5, earlier: 20}\n"
"""What a policy has that looks for it."""
