"""Made-up looks at an account with one position, for tests of what the watch concludes from them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from desk.execution.guarding import watch
from desk.execution.stops import Decided, StopKeeping
from desk.execution.watching import Look, WatchPolicy
from desk.model.books import Position, Quote
from desk.model.instrument import Side
from desk.model.orders import Barriers, Order, OrderState, OrderType
from tests.builders import CLOSE, EUR_USD, INSTRUMENTS

NAME = EUR_USD.name
AT = CLOSE + timedelta(minutes=10)
STOP, TARGET, ENTRY = Decimal("1.09"), Decimal("1.12"), Decimal("1.10")


def position(quantity: str = "1000", **changes: Any) -> Position:
    return replace(Position(NAME, Decimal(quantity), Decimal(quantity) * ENTRY, CLOSE), **changes)


def decided(quantity: str = "1000", **changes: Any) -> Decided:
    barriers = Barriers(stop=STOP, target=TARGET)
    known = Decided(NAME, Decimal(quantity), barriers, CLOSE, CLOSE, abs(Decimal(quantity)), ENTRY)
    return replace(known, **changes)


def order(name: str = "sd-stop", **changes: Any) -> Order:
    known = Order(
        client_order_id=name,
        venue_order_id="1",
        instrument=NAME,
        side=Side.SELL,
        type=OrderType.STOP,
        quantity=Decimal(1000),
        filled_quantity=Decimal(0),
        state=OrderState.ACKED,
        at=CLOSE,
        price=STOP,
        reduce_only=True,
    )
    return replace(known, **changes)


def look(*, bid: str = "1.10", tradable: bool = True, known: Decided | None = None, **changes: Any) -> Look:
    quote = Quote(NAME, Decimal(bid), Decimal(bid) + EUR_USD.tick, AT, tradable)
    values: dict[str, Any] = {
        "positions": (position(),),
        "decided": {NAME: known or decided()},
        "quotes": {NAME: quote},
        "instruments": INSTRUMENTS,
    }
    return Look(at=AT, **{**values, **changes})


def policy(keeping: StopKeeping = StopKeeping.ORDER, **changes: Any) -> WatchPolicy:
    return WatchPolicy("sample", lambda _: keeping, **changes)


def only(seen: Look, how: WatchPolicy | None = None) -> Any:
    (action,) = watch(seen, how or policy())
    return action
