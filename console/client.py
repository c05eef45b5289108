"""A client of the API for scripts of users: what the desk shows and does, as the values that its services have.

It waits for its replies, and sends nothing again by itself: where a reply was lost, a write may be sent again under the
same key.
"""

from collections.abc import Hashable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from console.services.accounts import AccountDetail
from console.services.arming import ArmFacts, Disarmed
from console.services.charting import Chart
from console.services.cycles import Why
from console.services.health.survey import Surveyed
from console.services.holdings import Held
from console.services.lifecycle import LifeChanged
from console.services.messages import Undelivered
from console.services.paging import Page
from console.services.performing import FleetPerformance
from console.services.portfolio import FleetPortfolio
from console.services.positions import FleetPosition
from console.services.resuming import Resumption
from console.services.risk import FleetRisk
from console.services.standings import AccountFacts
from console.services.states import StateFacts, StateInForce, StatesPut
from console.services.strategies import StrategyFacts
from console.services.trades import FleetTrade
from desk.adapters.ledger.facts import CycleSummary, EquityPoint, OrderRecord
from desk.errors import DeskError
from desk.model.books import TradingState
from desk.model.messages import Told
from desk.monitor.performance import Grouping
from desk.universe.choosing import Choice

T = TypeVar("T")
_PATIENCE = 30.0
"""Seconds; a change of a configuration waits for Prefect."""
_ROWS = 200
"""Of a page."""


class Refused(DeskError):
    """The desk did not do or tell what was asked for.

    Attributes:
        status: of HTTP.
        detail: what was expected and what was found.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status, self.detail = status, detail


class PartlyPut(Refused):
    """A trading state is in force for some accounts of a group, and for others not, or nobody knows.

    Attributes:
        done: what became of it for each.
    """

    def __init__(self, done: StatesPut) -> None:
        told = (f"{one.scope}: {one.told}: {one.cause}" for one in done.not_put)
        super().__init__(HTTPStatus.MULTI_STATUS, "\n".join(told))
        self.done = done


class _Problem(BaseModel):
    detail: str


class Desk:
    """A desk that is served elsewhere; close it, or use it in a `with` block.

    Each method raises `Refused` where the desk says no, and `httpx.HTTPError` where it does not answer. What a method
    yields is asked for page by page while it is read, the newest first. `why` of an order is kept in the audit. A write
    is done once in a day under one `key`; without one it gets a key that nobody has.
    """

    def __init__(self, address: str, token: SecretStr, *, transport: httpx.BaseTransport | None = None) -> None:
        """Ask nothing yet.

        Args:
            address: such as `http://127.0.0.1:8710`.
            token: of `desk tokens create`.
            transport: in place of the network.
        """
        headers = {"authorization": f"Bearer {token.get_secret_value()}", "accept": "application/json"}
        self._client = httpx.Client(base_url=address, headers=headers, timeout=_PATIENCE, transport=transport)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def health(self) -> Surveyed:
        """Return how each part of the desk is."""
        return self._get("/api/health", Surveyed)

    def accounts(self) -> list[AccountFacts]:
        """Return every configured account, and where it stands."""
        return self._get("/api/accounts", list[AccountFacts])

    def account(self, name: str) -> AccountDetail:
        """Return where an account stands, and how it is configured."""
        return self._get(_of(name), AccountDetail)

    def cycles(self, account: str) -> Iterator[CycleSummary]:
        """Yield the cycles of an account."""
        return self._rows(_of(account, "cycles"), Page[CycleSummary])

    def why(self, account: str, close: datetime) -> Why:
        """Return why the cycle ended as it did whose candle closed then."""
        return self._get(_of(account, "cycles", _time(close)), Why)

    def resume_cycle(self, account: str, close: datetime, why: str = "", *, key: str | None = None) -> Resumption:
        """Run the run again that failed or crashed in the cycle of the candle that closed then."""
        return self._post(_of(account, "cycles", _time(close), "resume"), Resumption, {"why": why}, key)

    def orders(self, account: str) -> Iterator[OrderRecord]:
        """Yield the orders of an account."""
        return self._rows(_of(account, "orders"), Page[OrderRecord])

    def equity(self, account: str) -> Iterator[EquityPoint]:
        """Yield the money of an account over time."""
        return self._rows(_of(account, "equity"), Page[EquityPoint])

    def held(self, account: str) -> list[Held]:
        """Return what an account holds by its fills."""
        return self._get(_of(account, "positions"), list[Held])

    def chart(
        self,
        account: str,
        instrument: str = "",
        *,
        timeframe: str = "",
        until: datetime | None = None,
        count: int = 200,
        strategy: str = "",
    ) -> Chart:
        """Return candles of an instrument and what was done there, and what a strategy of the account saw.

        What is not named is what was traded last, the account's timeframe, the newest candles, and no strategy.
        """
        at = until.astimezone(UTC).isoformat() if until else ""
        wanted = {"instrument": instrument, "timeframe": timeframe, "until": at, "count": str(count)}
        return self._get(_of(account, "chart"), Chart, {**wanted, "strategy": strategy})

    def universe(self, account: str, at: datetime | None = None) -> Choice:
        """Return what an account chose to trade at a time, and why every other instrument was left out."""
        return self._get(_of(account, "universe"), Choice, {"at": _time(at)} if at else None)

    def positions(self) -> list[FleetPosition]:
        """Return what every account holds, what it is worth, and what its venue said last."""
        return self._get("/api/positions", list[FleetPosition])

    def portfolio(self) -> FleetPortfolio:
        """Return what the fleet is worth, and what would share it out as portfolio.yaml wants it."""
        return self._get("/api/portfolio", FleetPortfolio)

    def trades(
        self, *, account: str = "", instrument: str = "", strategy: str = "", outcome: str = "", since: str = ""
    ) -> Iterator[FleetTrade]:
        """Yield round trips, those opened last first; see `TradeFilter` for the words."""
        wanted = {"account": account, "instrument": instrument, "strategy": strategy}
        return self._rows("/api/trades", Page[FleetTrade], {**wanted, "outcome": outcome, "since": since})

    def strategies(self) -> list[StrategyFacts]:
        """Return every strategy: what it takes, who trades by it, how it does, whether it may."""
        return self._get("/api/strategies", list[StrategyFacts])

    def performance(self, account: str = "", *, by: Grouping = Grouping.STRATEGY, since: str = "") -> FleetPerformance:
        """Return what closed trades came to, of one account or of all, since a time or a length such as 7d ago."""
        return self._get("/api/performance", FleetPerformance, {"account": account, "by": by.value, "since": since})

    def risk(self) -> FleetRisk:
        """Return how much of its limits each account uses, what is held, what is halted, what tripped."""
        return self._get("/api/risk", FleetRisk)

    def states(self) -> list[StateFacts]:
        """Return what is halted or reduced."""
        return self._get("/api/states", list[StateFacts])

    def messages(self, *, kind: str = "", target: str = "", state: str = "") -> Iterator[Told]:
        """Yield what people were told and what became of it; see `MessageFilter` for the words."""
        return self._rows("/api/messages", Page[Told], {"kind": kind, "target": target, "state": state})

    def undelivered(self) -> Undelivered:
        """Return how many messages wait for another attempt, and how many were given up."""
        return self._get("/api/messages/undelivered", Undelivered)

    def halt(
        self,
        scope: str,
        why: str = "",
        *,
        state: TradingState = TradingState.HALTED,
        until: str | None = None,
        key: str | None = None,
    ) -> tuple[StateInForce, ...]:
        """Stop opening positions, at once; `until` a time or a length such as 90m, or until it is lifted.

        Args:
            scope: such as `fleet`, `account:NAME` or `@GROUP`.
            why: kept in the audit.
            state: or less, REDUCE_ONLY.
            until: see above.
            key: under which it is done once.

        Returns:
            What is in force, of a group for each of its accounts.

        Raises:
            PartlyPut: it is not in force for each of them.
        """
        order = {"scope": scope, "why": why, "state": state.value, "until": until}
        return self._put("/api/halt", order, key)

    def resume(self, scope: str, why: str = "", *, key: str | None = None) -> tuple[StateInForce, ...]:
        """Lift what was ordered for a scope; stricter orders for more than it stay. See `halt`."""
        return self._put("/api/resume", {"scope": scope, "why": why}, key)

    def arms(self) -> list[ArmFacts]:
        """Return every live account: whether it may open positions, by whose word, and what it lacks."""
        return self._get("/api/arms", list[ArmFacts])

    def disarm(self, account: str, why: str = "", *, key: str | None = None) -> Disarmed:
        """Let an account open nothing before `desk arm` is run again."""
        return self._post(_of(account, "disarm"), Disarmed, {"why": why}, key)

    def start(self, account: str, why: str = "", *, key: str | None = None) -> LifeChanged:
        """Let the schedule of an account run."""
        return self._post(_of(account, "start"), LifeChanged, {"why": why}, key)

    def stop(self, account: str, why: str = "", *, key: str | None = None) -> LifeChanged:
        """Let the schedule of an account rest; what it holds is kept."""
        return self._post(_of(account, "stop"), LifeChanged, {"why": why}, key)

    def load(
        self,
        account: str,
        strategy: str,
        parameters: Mapping[str, str] | None = None,
        *,
        why: str = "",
        key: str | None = None,
    ) -> LifeChanged:
        """Give an account a strategy in place of those that it has; parameters as they would be written."""
        order = {"strategy": strategy, "parameters": dict(parameters or {}), "why": why}
        return self._post(_of(account, "strategy"), LifeChanged, order, key)

    def reload(self, account: str, why: str = "", *, key: str | None = None) -> LifeChanged:
        """Check the files as they are now, and bring the deployments of an account in line with them."""
        return self._post(_of(account, "reload"), LifeChanged, {"why": why}, key)

    def add(
        self,
        account: str,
        keys: Mapping[str, str],
        *,
        like: str | None = None,
        dry_run: bool = False,
        digest: str = "",
        why: str = "",
        key: str | None = None,
    ) -> LifeChanged:
        """Write a new account, or one `like` another; keys as they would be written.

        A dry run writes nothing; with its digest exactly what it showed is written.
        """
        order = {"name": account, "keys": dict(keys), "like": like, "why": why}
        return self._post("/api/accounts", LifeChanged, {**order, "dry_run": dry_run, "digest": digest}, key)

    def remove(
        self, account: str, why: str = "", *, dry_run: bool = False, digest: str = "", key: str | None = None
    ) -> LifeChanged:
        """Remove an account that holds nothing and is not armed; see `add` for a dry run."""
        asked = {"why": why, "dry_run": str(dry_run).lower(), "digest": digest}
        return _read(self._client.delete(_of(account), params=asked, headers=_keyed(key)), LifeChanged)

    def _get(self, path: str, kind: type[T], wanted: Mapping[str, str] | None = None) -> T:
        return _read(self._client.get(path, params=wanted), kind)

    def _rows(self, path: str, kind: type[Page[T]], wanted: Mapping[str, str] | None = None) -> Iterator[T]:
        turn = {**(wanted or {}), "limit": str(_ROWS)}
        while True:
            page = self._get(path, kind, turn)
            yield from page.rows
            if not page.next:
                return
            turn["after"] = page.next

    def _post(self, path: str, kind: type[T], order: Mapping[str, object], key: str | None) -> T:
        return _read(self._client.post(path, json=order, headers=_keyed(key)), kind)

    def _put(self, path: str, order: Mapping[str, object], key: str | None) -> tuple[StateInForce, ...]:
        reply = self._client.post(path, json=order, headers=_keyed(key))
        if reply.status_code == HTTPStatus.MULTI_STATUS:
            raise PartlyPut(_value(reply, StatesPut))
        return _read(reply, StatesPut).put


def _keyed(key: str | None) -> Mapping[str, str]:
    return {"idempotency-key": key or str(uuid4())}


def _of(account: str, *rest: str) -> str:
    return "/".join(("/api/accounts", *(quote(part, safe="") for part in (account, *rest))))


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def _read(reply: httpx.Response, kind: type[T]) -> T:
    if reply.status_code != HTTPStatus.OK:
        raise Refused(reply.status_code, _detail(reply))
    return _value(reply, kind)


def _value(reply: httpx.Response, kind: type[T]) -> T:
    assert isinstance(kind, Hashable), kind
    read: TypeAdapter[T] = _adapter(kind)
    return read.validate_json(reply.content)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _detail(reply: httpx.Response) -> str:
    """What a problem document says, or as little as whoever stands between says without one."""
    try:
        return _Problem.model_validate_json(reply.content).detail
    except ValidationError:
        return f"expected a problem document of a desk, found {reply.reason_phrase or 'a reply without words'}"
