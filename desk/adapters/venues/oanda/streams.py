"""OANDA's two streams, of prices and of an account's transactions: lines of JSON, with a heartbeat every 5 seconds."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from desk.adapters.streams.events import AccountEvent, AccountEventKind, Event, Heartbeat, StreamGap
from desk.adapters.venue_http.session import Request, VenueSession
from desk.adapters.venues.oanda.auth import BearerAuth
from desk.adapters.venues.oanda.errors import VENUE, read_error
from desk.adapters.venues.oanda.market import quote_of
from desk.adapters.venues.oanda.names import to_wire
from desk.adapters.venues.oanda.open import OandaCredentials, OandaEnvironment
from desk.adapters.venues.oanda.wire.market import WirePrice
from desk.adapters.venues.oanda.wire.streams import WireHeartbeat, WireLine, WireNews, WireTransactionHeartbeat
from desk.errors import VenueUnavailable
from desk.ports import Clock

QUIET_AFTER = timedelta(seconds=12)
"""Two heartbeats were left out."""

_HEADERS = {"Accept-Datetime-Format": "RFC3339"}
_MONEY = ("TRANSFER_FUNDS", "TRANSFER_FUNDS_REJECT", "DAILY_FINANCING", "DIVIDEND_ADJUSTMENT", "RESET_RESETTABLE_PL")

Model = TypeVar("Model", bound=BaseModel)


class OandaPriceStream:
    """Implements `Source`: the present price of every instrument, and each one that follows."""

    def __init__(self, session: VenueSession, account_id: str, instruments: Sequence[str]) -> None:
        self._session = session
        names = ",".join(to_wire(name) for name in instruments)
        path = f"/v3/accounts/{account_id}/pricing/stream"
        self._request = Request("GET", path, "stream of prices", query={"instruments": names}, headers=_HEADERS)

    async def messages(self) -> AsyncGenerator[Event, None]:
        """Give quotes and heartbeats; see `Source`."""
        async with aclosing(self._session.lines(self._request)) as lines:
            async for line in lines:
                kind = _read(WireLine, line, self._request).type
                if kind == "HEARTBEAT":
                    yield Heartbeat(_read(WireHeartbeat, line, self._request).time)
                elif kind == "PRICE":
                    price = _read(WirePrice, line, self._request)
                    if price.bids and price.asks:
                        yield quote_of(price)


class OandaTransactionStream:
    """Implements `Source`: an account's transactions, whose ids have no gaps."""

    def __init__(self, session: VenueSession, account_id: str) -> None:
        self._session = session
        path = f"/v3/accounts/{account_id}/transactions/stream"
        self._request = Request("GET", path, "stream of transactions", headers=_HEADERS)

    async def messages(self) -> AsyncGenerator[Event, None]:
        """Give what happened and heartbeats; see `Source`."""
        newest: int | None = None
        async with aclosing(self._session.lines(self._request)) as lines:
            async for line in lines:
                if _read(WireLine, line, self._request).type == "HEARTBEAT":
                    beat = _read(WireTransactionHeartbeat, line, self._request)
                    newest = self._newest(newest, beat.last_transaction_id, step=0)
                    yield Heartbeat(beat.time)
                    continue
                news = _read(WireNews, line, self._request)
                if newest is None or news.id > newest:
                    newest = self._newest(newest, news.id, step=1)
                    yield _event(news)

    def _newest(self, known: int | None, told: int, *, step: int) -> int:
        """Return the newest id, which may be greater than the known one by `step`."""
        if known is not None and told > known + step:
            message = f"expected transaction {known + 1} after {known}, found {told}"
            raise StreamGap(VENUE, self._request.name, "GAP", message)
        return told if known is None else max(known, told)


@dataclass(frozen=True, slots=True)
class OandaStreams:
    """Both sources of an account; close the session after the streams."""

    prices: OandaPriceStream
    transactions: OandaTransactionStream
    session: VenueSession


def open_oanda_streams(
    credentials: OandaCredentials,
    environment: OandaEnvironment,
    instruments: Sequence[str],
    *,
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None = None,
) -> OandaStreams:
    """Return an account's streams, without asking the venue anything yet.

    Args:
        instruments: whose prices are wanted, by our names.
    """
    auth, url = BearerAuth(credentials.token), environment.stream_url
    session = VenueSession(VENUE, url, errors=read_error, auth=auth, transport=transport, clock=clock)
    account = credentials.account_id
    return OandaStreams(
        OandaPriceStream(session, account, instruments), OandaTransactionStream(session, account), session
    )


def _event(news: WireNews) -> AccountEvent:
    own = news.client_order_id or news.client_extensions.id
    return AccountEvent(_kind(news.type), news.time, own, news.order_id or (str(news.id) if _makes_order(news) else ""))


def _kind(type_: str) -> AccountEventKind:
    """Return what a transaction of a type is about, rejections included; types that we do not know are `OTHER`."""
    if type_ == "ORDER_FILL":
        return AccountEventKind.FILL
    if type_ in _MONEY:
        return AccountEventKind.MONEY
    return AccountEventKind.ORDER if "ORDER" in type_.split("_") else AccountEventKind.OTHER


def _makes_order(news: WireNews) -> bool:
    return news.type.endswith("_ORDER")


def _read(model: type[Model], line: str, request: Request) -> Model:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        message = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in told[:3])
        raise VenueUnavailable(VENUE, request.name, "UNREADABLE", message) from None
