"""Prints orders, fills and positions: what the ledger has, and beside it what the venue says, differences marked."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from console.answers import Answers, ask_venues
from console.failures import FAILED
from console.ledgers import ask
from console.naming import account_of
from console.services.figures import price_steps
from console.services.holdings import Held, newest_fills, newest_orders, positions
from console.services.opening import OpenDesk
from console.showing import print_json, print_line, print_rows
from console.times import format_minute
from desk.accounts import Fleet, load_fleet
from desk.adapters.ledger.facts import OrderRecord
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.errors import DeskError
from desk.model.books import Position
from desk.model.figures import SameDigits
from desk.model.orders import Fill, Order

T = TypeVar("T")
Row = dict[str, object]

_SHOWN = Decimal("0.00000001")
_PRICES, _QUANTITIES = ("price", "average price"), ("quantity", "filled", "at the venue")


def show_orders(account: str | None, *, venue: bool, limit: int, as_json: bool) -> int:
    """Print the newest orders; with `venue`, return 1 where one works there that should not, or there is no answer.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    fleet, names = _named(account)
    records = _read(fleet, names, lambda desk, name: newest_orders(desk, name, limit=limit))
    told = ask_venues(fleet, names, lambda trading: trading.open_orders()) if venue else {}
    rows = [row for name in names for row in _order_rows(name, records[name], told.get(name), venue=venue)]
    return _print(fleet, rows, told, as_json=as_json, empty="no orders")


def show_fills(account: str | None, *, limit: int, as_json: bool) -> int:
    """Print the newest fills.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    fleet, names = _named(account)
    fills = _read(fleet, names, lambda desk, name: newest_fills(desk, name, limit=limit))
    rows = [_fill_row(name, fill) for name in names for fill in fills[name]]
    return _print(fleet, rows, {}, as_json=as_json, empty="no fills")


def show_positions(account: str | None, *, venue: bool, as_json: bool) -> int:
    """Print what is held; with `venue`, return 1 where something else is held there, or there is no answer.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    fleet, names = _named(account)
    held = _read(fleet, names, positions)
    told = ask_venues(fleet, names, lambda trading: trading.positions()) if venue else {}
    rows = [row for name in names for row in _position_rows(name, held[name], told.get(name), venue=venue)]
    return _print(fleet, rows, told, as_json=as_json, empty="no open positions")


def _named(account: str | None) -> tuple[Fleet, list[str]]:
    fleet = load_fleet(settings().config)
    return fleet, list(fleet.accounts) if account is None else [account_of(fleet, account).name]


def _read(
    fleet: Fleet, names: Sequence[str], question: Callable[[OpenDesk, str], Awaitable[Sequence[T]]]
) -> Mapping[str, Sequence[T]]:
    async def read(ledger: Ledger) -> Mapping[str, Sequence[T]]:
        desk = OpenDesk(fleet, ledger)
        return {name: await question(desk, name) for name in names}

    return ask(read)


def _print(fleet: Fleet, rows: Sequence[Row], told: Answers[T], *, as_json: bool, empty: str) -> int:
    silent = {name: str(answer) for name, answer in told.items() if isinstance(answer, DeskError)}
    if as_json:
        print_json({"rows": rows, "silent": silent})
    else:
        print_rows(_alike(fleet, rows), as_json=False, empty=empty)
        for name, why in silent.items():
            print_line(f"{name}: the venue does not answer, which does not mean that nothing is there: {why}")
    return FAILED if silent or any(row.get("differs") for row in rows) else 0


def _alike(fleet: Fleet, rows: Sequence[Row]) -> list[Row]:
    """Return rows for people: prices and quantities of an instrument have the same number of digits."""
    steps = price_steps(fleet, ((str(row["account"]), str(row["instrument"])) for row in rows))
    prices = SameDigits(_figures(rows, _PRICES), steps, exact=True)
    quantities = SameDigits(_figures(rows, _QUANTITIES), exact=True)
    words = {**dict.fromkeys(_PRICES, prices), **dict.fromkeys(_QUANTITIES, quantities)}
    return [
        {
            name: words[name].tell(str(row["instrument"]), value) if isinstance(value, Decimal) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _figures(rows: Sequence[Row], names: Sequence[str]) -> Iterator[tuple[str, Decimal]]:
    for row in rows:
        for name in names:
            if isinstance(value := row.get(name), Decimal):
                yield str(row["instrument"]), value


def _order_rows(
    name: str, records: Sequence[OrderRecord], told: Sequence[Order] | DeskError | None, *, venue: bool
) -> list[Row]:
    working = {} if told is None or isinstance(told, DeskError) else {order.client_order_id: order for order in told}
    rows = []
    for record in records:
        found = working.pop(record.intent.client_order_id, None)
        row = _order_row(name, record)
        # An order that has ended here and works there is what nobody expects.
        rows.append(
            _beside(row, found.state if found else "", is_same=not (found and record.state.is_final), add=venue)
        )
    return rows + [
        _beside(_unknown_row(name, order), order.state, is_same=False, add=venue) for order in working.values()
    ]


def _order_row(name: str, record: OrderRecord) -> Row:
    intent = record.intent
    return {
        "account": name,
        "candle": format_minute(intent.candle_close),
        "instrument": intent.instrument,
        "side": intent.side.value,
        "quantity": intent.quantity,
        "filled": record.filled_quantity,
        "state": record.state.value,
        "order": intent.client_order_id,
    }


def _unknown_row(name: str, order: Order) -> Row:
    return {
        "account": name,
        "candle": "",
        "instrument": order.instrument,
        "side": order.side.value,
        "quantity": order.quantity,
        "filled": order.filled_quantity,
        "state": "",
        "order": order.client_order_id or order.venue_order_id,
    }


def _fill_row(name: str, fill: Fill) -> Row:
    return {
        "account": name,
        "time": f"{fill.at:%Y-%m-%d %H:%M:%S}",
        "instrument": fill.instrument,
        "side": fill.side.value,
        "quantity": fill.quantity,
        "price": fill.price,
        "fee": f"{fill.fee:f} {fill.fee_currency}",
        "reason": fill.reason.value,
        "order": fill.client_order_id,
    }


def _position_rows(
    name: str, held: Sequence[Held], told: Sequence[Position] | DeskError | None, *, venue: bool
) -> list[Row]:
    ours = {one.position.instrument: one for one in held}
    if told is None or isinstance(told, DeskError):
        unknown = "unknown" if told else ""
        return [_beside(_position_row(name, one, ours), unknown, is_same=True, add=venue) for one in sorted(ours)]
    theirs = {position.instrument: position.quantity for position in told}
    return [
        _beside(
            _position_row(name, one, ours),
            theirs.get(one, Decimal(0)),
            is_same=one in ours and ours[one].position.quantity == theirs.get(one),
            add=venue,
        )
        for one in sorted({*ours, *theirs})
    ]


def _position_row(name: str, instrument: str, ours: Mapping[str, Held]) -> Row:
    held = ours.get(instrument)
    return {
        "account": name,
        "instrument": instrument,
        "quantity": held.position.quantity if held else Decimal(0),
        "average price": held.average_price.quantize(_SHOWN).normalize() if held else "",
        "since": format_minute(held.position.opened_at) if held else "",
        "strategy": held.position.strategy if held else "",
    }


def _beside(row: Row, told: object, *, is_same: bool, add: bool) -> Row:
    """The row with what the venue says, where it was asked."""
    return {**row, "at the venue": told, "differs": "" if is_same else "DIFFERS"} if add else row
