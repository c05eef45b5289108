"""The admin port: steer the market, the clock and the faults, and read the truth."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.account import Account
from simulator.dialects.base import Refused, answer, answer_refused
from simulator.exchange import Exchange
from simulator.faults import Fault, FaultScript

_Model = TypeVar("_Model")


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClockForm(_Form):
    """What to do with the clock; what is not given stays.

    Attributes:
        at: jump there; the clock never goes back.
        advance: seconds to jump.
        speed: simulated seconds per second; 0 stands still.
        skew: seconds that the venues are ahead of what orders are matched at.
    """

    at: datetime | None = None
    advance: float | None = None
    speed: float | None = None
    skew: float | None = None


class PriceForm(_Form):
    """Hold an instrument at a price."""

    instrument: str
    bid: Decimal
    ask: Decimal


class InstrumentForm(_Form):
    """Name an instrument."""

    instrument: str


class DepthForm(_Form):
    """Let an order have no more than this of an instrument, in base units; null lifts it."""

    instrument: str
    depth: Decimal | None


class AccountForm(_Form):
    """Open an account, in place of one of that name."""

    venue: str
    name: str
    secrets: dict[str, str]
    currency: str | None = None
    cash: Decimal | None = None


class Admin:
    """The answers of the admin port."""

    def __init__(self, exchange: Exchange, script: FaultScript) -> None:
        self._exchange = exchange
        self._script = script

    def app(self) -> Starlette:
        """Return the application."""
        answers: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] = {
            ("GET", "/truth"): self._truth,
            ("GET", "/clock"): self._show_clock,
            ("POST", "/clock"): self._set_clock,
            ("POST", "/prices"): self._pin,
            ("DELETE", "/prices"): self._unpin,
            ("POST", "/halts"): self._halt,
            ("DELETE", "/halts"): self._resume,
            ("POST", "/depths"): self._limit,
            ("GET", "/faults"): self._show_faults,
            ("POST", "/faults"): self._add_faults,
            ("DELETE", "/faults"): self._clear_faults,
            ("POST", "/accounts"): self._open_account,
            ("POST", "/reset"): self._reset,
        }
        routes = [Route(path, call, methods=[method]) for (method, path), call in answers.items()]
        return Starlette(routes=routes, exception_handlers={Refused: answer_refused})

    async def _truth(self, request: Request) -> Response:
        """Everything that every account really has."""
        venue, name = request.query_params.get("venue"), request.query_params.get("account")
        wanted = [one for one in self._exchange.accounts(venue) if name in (None, one.name)]
        for account in wanted:
            await self._exchange.settle(account)
        return answer({"accounts": [truth_of(account) for account in wanted]})

    async def _show_clock(self, _: Request) -> Response:
        clock = self._exchange.clock
        return answer({"now": clock.now().isoformat(), "told": clock.told().isoformat()})

    async def _set_clock(self, request: Request) -> Response:
        form, clock = await _read(request, ClockForm), self._exchange.clock
        try:
            if form.at is not None:
                clock.jump(form.at)
            if form.advance is not None:
                clock.jump(clock.now() + timedelta(seconds=form.advance))
            if form.speed is not None:
                clock.run(form.speed)
        except (ValueError, TypeError) as error:
            raise Refused(400, {"error": str(error)}) from error
        if form.skew is not None:
            clock.skew = timedelta(seconds=form.skew)
        return await self._show_clock(request)

    async def _pin(self, request: Request) -> Response:
        form = await _read(request, PriceForm)
        await self._exchange.pin(await self._known(form.instrument), form.bid, form.ask)
        return answer({})

    async def _unpin(self, request: Request) -> Response:
        await self._exchange.unpin(await self._known((await _read(request, InstrumentForm)).instrument))
        return answer({})

    async def _halt(self, request: Request) -> Response:
        await self._exchange.halt(await self._known((await _read(request, InstrumentForm)).instrument))
        return answer({})

    async def _resume(self, request: Request) -> Response:
        await self._exchange.resume(await self._known((await _read(request, InstrumentForm)).instrument))
        return answer({})

    async def _limit(self, request: Request) -> Response:
        form = await _read(request, DepthForm)
        await self._exchange.limit(await self._known(form.instrument), form.depth)
        return answer({})

    async def _show_faults(self, _: Request) -> Response:
        counts = [{**fault.model_dump(mode="json"), "struck": struck} for fault, struck in self._script.counts()]
        return answer({"faults": counts})

    async def _add_faults(self, request: Request) -> Response:
        """One fault, or a list of them."""
        for fault in await _read(request, list[Fault]):
            self._script.add(fault)
        return await self._show_faults(request)

    async def _clear_faults(self, request: Request) -> Response:
        self._script.clear()
        return await self._show_faults(request)

    async def _open_account(self, request: Request) -> Response:
        form = await _read(request, AccountForm)
        try:
            account = self._exchange.open_account(
                form.venue, form.name, form.secrets, currency=form.currency, cash=form.cash
            )
        except LookupError as error:
            raise Refused(400, {"error": f"there is no venue {form.venue}"}) from error
        return answer(truth_of(account))

    async def _reset(self, _: Request) -> Response:
        self._script.clear()
        self._exchange.reset()
        return answer({})

    async def _known(self, instrument: str) -> str:
        if instrument not in await self._exchange.feed.instruments():
            raise Refused(400, {"error": f"there is no instrument {instrument}"})
        return instrument


def truth_of(account: Account) -> Mapping[str, object]:
    """Return everything that an account has, for oracles."""
    return {
        "venue": account.venue.name,
        "name": account.name,
        "currency": account.book.currency,
        "cash": str(account.book.cash),
        "wallets": _plain(account.wallets),
        "positions": [_plain(position) for position in account.book.positions],
        "orders": [_plain(order) for order in account.orders.values()],
        "events": [_plain(event) for event in account.events],
    }


async def _read(request: Request, model: type[_Model]) -> _Model:
    try:
        return TypeAdapter(model).validate_json(await request.body())
    except ValidationError as error:
        problems = [{"at": list(one["loc"]), "problem": one["msg"]} for one in error.errors()]
        raise Refused(400, {"error": "the body is not what was expected", "problems": problems}) from error


def _plain(value: Any) -> object:  # any field of any record
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
