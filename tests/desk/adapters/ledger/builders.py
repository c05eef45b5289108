"""Builders of what the ledger keeps: cycle records, fills, orders as a venue tells them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from desk.model.cycle import CycleKey, CycleRecord, CycleState, Decision, Mode
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill, FillReason, Order, OrderIntent, OrderState
from desk.model.reasons import Reason
from desk.model.trade import Finding, Intention, NoTrade, Proposal, Verdict, VerdictState
from desk.model.views import Signal
from tests.builders import CLOSE, intent, position, snapshot

KEY = CycleKey("sample", CLOSE)
CONVERSION = {"USD": Decimal(1), "JPY": Decimal("0.0066")}


def fill(
    venue_trade_id: str = "T1",
    *,
    order: str = "sd-1",
    side: Side = Side.BUY,
    quantity: str = "100",
    price: str = "1.1",
    fee: str = "0.01",
    after: int = 0,
    instrument: str = "EUR/USD",
    reason: FillReason = FillReason.ORDER,
) -> Fill:
    return Fill(
        venue_trade_id=venue_trade_id,
        client_order_id=order,
        instrument=instrument,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(fee),
        fee_currency="USD",
        at=CLOSE + timedelta(seconds=after),
        reason=reason,
    )


def answer(asked: OrderIntent, state: OrderState, *fills: Fill, at: datetime = CLOSE, reason: str = "") -> Order:
    """What a venue says of an order with these fills."""
    return Order(
        client_order_id=asked.client_order_id,
        venue_order_id=f"V-{asked.client_order_id}",
        instrument=asked.instrument,
        side=asked.side,
        type=asked.type,
        quantity=asked.quantity,
        filled_quantity=sum((fill.quantity for fill in fills), Decimal(0)),
        state=state,
        at=at,
        reason=reason,
        fills=fills,
    )


def signal(instrument: str = "EUR/USD", score: float = 0.1 + 0.2) -> Signal:
    return Signal("constant", instrument, CLOSE, score, 0.001, 0.002, f"long {score:.2f}: close 1.1")


def verdict(asked: OrderIntent, state: VerdictState = VerdictState.APPROVED) -> Verdict:
    proposal = Proposal(
        strategy=asked.strategy,
        instrument=asked.instrument,
        candle_close=asked.candle_close,
        side=asked.side,
        intention=Intention.OPEN,
        quantity=Decimal("123.4567890123456789012345"),
        reference_price=Decimal("1.10001"),
        barriers=Barriers(Decimal("1.09"), Decimal("1.13"), None, timedelta(hours=6)),
        signals=(signal(asked.instrument),),
    )
    refused = state is VerdictState.REFUSED
    findings = (
        Finding("cooldown", proposal.quantity, Decimal("3.6E+3"), Decimal("7200.5"), "seconds"),
        Finding(
            "position_size",
            Decimal(0) if refused else asked.quantity,
            Decimal("0.2"),
            Decimal("0.25"),
            "of equity",
            Reason.POSITION_SIZE,
        ),
    )
    return Verdict(proposal, state, Decimal(0) if refused else asked.quantity, findings)


def record(key: CycleKey = KEY, state: CycleState = CycleState.TRADED) -> CycleRecord:
    """A cycle with a trade, a refusal and an instrument that was passed over."""
    asked = replace(intent(f"sd-{key.account}-{key.candle_close:%H%M}"), candle_close=key.candle_close)
    asked = replace(asked, account=key.account)
    verdicts = (verdict(asked), verdict(replace(asked, instrument="XAU/USD"), VerdictState.REFUSED))
    executed = fill(order=asked.client_order_id)
    return CycleRecord(
        key=key,
        state=state,
        mode=Mode.PAPER,
        decision=Decision(
            signals=(signal("XAU/USD", -1.0), signal()),
            no_trades=(NoTrade("BTC/USD", Reason.NO_SIGNAL, "constant: no opinion"),),
            proposals=tuple(reviewed.proposal for reviewed in verdicts),
            verdicts=verdicts,
            intents=(asked,),
        ),
        snapshot=snapshot(positions=[position("USD/JPY", "-3")], recent_fills=(executed,), blocked={"USD/JPY": "sd-0"}),
        orders=(answer(asked, OrderState.FILLED, executed),),
        detail="one order",
        durations={"decide": 0.1 + 0.2, "place": 1e-9},
        config_version="c0ffee",
        code_version="0.1.0",
    )
