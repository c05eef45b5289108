"""Every code and word of every venue has a class, and none that may hide a live order is taken for a no.

What an order's reply is read as decides what the desk does: a refusal ends the order, anything else makes it ask.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import ErrorReader, Request, VenueSession
from desk.adapters.venues.aster import errors as aster
from desk.adapters.venues.coinbase import errors as coinbase
from desk.adapters.venues.coinbase import reading
from desk.adapters.venues.coinbase.wire.orders import CreateReply, OrderPage
from desk.adapters.venues.kucoin import errors as kucoin
from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.wire import ACCEPTED
from desk.adapters.venues.oanda import errors as oanda
from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.wire.orders import OrdersReply
from desk.adapters.venues.oanda.wire.transactions import OrderPlaced
from desk.errors import AccessDenied, OrderRefused, OutcomeUnknown, RateLimited, VenueError, VenueUnavailable

SHARED = Path(__file__).parents[3] / "shared"
FACTS = SHARED / "VENUES.md"
POST, GET = Request("POST", "/thing", "order sd-1", json={}), Request("GET", "/thing", "orders")
NAME = r"\b[A-Z]{2,}(?:_[A-Z0-9]+)+\b"
DEFINITE = (OrderRefused, AccessDenied, RateLimited, OutcomeUnknown)


async def _oanda_order(session: VenueSession) -> object:
    return await OandaApi(session, "1").write(OrderPlaced, "POST", "/orders", "order sd-1", {})


async def _oanda_read(session: VenueSession) -> object:
    return await OandaApi(session, "1").read(OrdersReply, "/orders", "orders")


async def _coinbase_order(session: VenueSession) -> object:
    return await reading.write(session, POST, CreateReply)


async def _coinbase_read(session: VenueSession) -> object:
    return await reading.read(session, GET, OrderPage)


async def _kucoin_order(session: VenueSession) -> object:
    return await Api(session).post("/thing", "order sd-1", ACCEPTED, {})


async def _kucoin_read(session: VenueSession) -> object:
    return await Api(session).get("/thing", "orders", ACCEPTED)


def _oanda_body(word: str) -> tuple[int, object]:
    return 400, {"orderRejectTransaction": {"rejectReason": word}, "errorCode": word, "errorMessage": "words"}


def _coinbase_body(word: str) -> tuple[int, object]:
    if word in coinbase.HTTP_WORDS:
        return 400, {"error": word, "message": "words"}
    return 200, {"success": False, "error_response": {"error": word}}


def _kucoin_body(code: str) -> tuple[int, object]:
    return 200, {"code": code, "msg": "words"}


def _aster_body(code: str) -> tuple[int, object]:
    return 400, {"code": int(code), "msg": "words"}


def _oanda_facts(text: str) -> set[str]:
    outcomes = text.partition("Outcomes")[2].partition("Client ids:")[0]
    texts = json.loads((SHARED / "wire" / "oanda" / "reason_texts.json").read_text())
    told = {*texts["transactions.OrderCancelReason"], *texts["transactions.TransactionRejectReason"]}
    # A family that is written with a star names no single word.
    return told | set(re.findall(NAME + r"(?![*_])", outcomes)) - {"NO_SUCH_TRANSACTION"}


def _coinbase_facts(text: str) -> set[str]:
    lines = [line for line in text.splitlines() if line.startswith(("error /", "HTTP errors"))]
    return set(re.findall(NAME, "\n".join(lines))) - {"PREVIEW_"}


def _kucoin_facts(text: str) -> set[str]:
    codes = text.partition("### Codes")[2].partition("### WebSocket")[0]
    return set(re.findall(r"(?<!\d)\d{6}(?!\d)", codes)) - {"200000"}


def _aster_facts(text: str) -> set[str]:
    codes = text.partition("### Errors")[2].partition("### Streams")[0]
    return {f"-{digits}" for digits in re.findall(r"\u2212(\d{4})\b", codes)}


@dataclass(frozen=True)
class Venue:
    """How a venue's words are heard.

    Attributes:
        order, read: what sends an order, and what asks for something.
        body: status and body that carry a word.
        facts: the words in a section of the written facts.
        hiding: words behind which an order may live.
        words: those that we know of by heart.
    """

    name: str
    section: str
    errors: ErrorReader
    order: Callable[[VenueSession], Awaitable[object]]
    read: Callable[[VenueSession], Awaitable[object]]
    body: Callable[[str], tuple[int, object]]
    facts: Callable[[str], set[str]]
    hiding: tuple[str, ...]
    words: str

    def __str__(self) -> str:
        return self.name

    def known(self) -> set[str]:
        """Every word, those of the written facts among them where these are here."""
        written = self.facts(_section(self.section)) if FACTS.exists() else set()
        return {*self.words.split(), *self.hiding} | written


async def _session_order(session: VenueSession) -> object:
    return await session.write(POST)


async def _session_read(session: VenueSession) -> object:
    return await session.read(GET)


VENUES = (
    Venue(
        name="oanda",
        section="## 1.",
        errors=oanda.read_error,
        order=_oanda_order,
        read=_oanda_read,
        body=_oanda_body,
        facts=_oanda_facts,
        hiding=(
            "CLIENT_ORDER_ID_ALREADY_EXISTS",
            "CLIENT_TRADE_ID_ALREADY_EXISTS",
            "TAKE_PROFIT_ON_FILL_CLIENT_ORDER_ID_ALREADY_EXISTS",
            "STOP_LOSS_ON_FILL_CLIENT_ORDER_ID_ALREADY_EXISTS",
            "TRAILING_STOP_LOSS_ON_FILL_CLIENT_ORDER_ID_ALREADY_EXISTS",
            "INTERNAL_SERVER_ERROR",
        ),
        words="""
            INSUFFICIENT_MARGIN MARKET_HALTED INSUFFICIENT_LIQUIDITY BOUNDS_VIOLATION FIFO_VIOLATION UNITS_INVALID
            UNITS_PRECISION_EXCEEDED UNITS_LIMIT_EXCEEDED UNITS_MIMIMUM_NOT_MET PRICE_PRECISION_EXCEEDED PRICE_MISSING
            PRICE_INVALID TIME_IN_FORCE_INVALID INSTRUMENT_MISSING INSTRUMENT_UNKNOWN INSTRUMENT_NOT_TRADEABLE
            CLIENT_ORDER_ID_INVALID REPLACING_ORDER_INVALID ACCOUNT_NOT_ACTIVE ACCOUNT_LOCKED NO_SUCH_ORDER
            ORDER_DOESNT_EXIST NO_SUCH_TRADE POSITION_SIZE_EXCEEDED CLOSEOUT_POSITION_DOESNT_EXIST
        """,
    ),
    Venue(
        name="coinbase",
        section="## 2.",
        errors=coinbase.read_error,
        order=_coinbase_order,
        read=_coinbase_read,
        body=_coinbase_body,
        facts=_coinbase_facts,
        hiding=("DUPLICATE_CLIENT_ORDER_ID", "UNKNOWN_FAILURE_REASON", "ALREADY_EXISTS"),
        words="""
            INSUFFICIENT_FUND INSUFFICIENT_FUNDS PREVIEW_INSUFFICIENT_FUND INVALID_LEDGER_BALANCE INVALID_PRODUCT_ID
            INVALID_SIZE_PRECISION INVALID_PRICE_PRECISION PREVIEW_INVALID_BASE_SIZE_TOO_SMALL ORDER_ENTRY_DISABLED
            UNTRADABLE_PRODUCT UNSUPPORTED_ORDER_CONFIGURATION TOO_MANY_OPEN_ORDERS NOT_FOUND INVALID_ARGUMENT
            PERMISSION_DENIED RESOURCE_EXHAUSTED UNAUTHENTICATED
        """,
    ),
    Venue(
        name="kucoin",
        section="## 3.",
        errors=kucoin.read_error,
        order=_kucoin_order,
        read=_kucoin_read,
        body=_kucoin_body,
        facts=_kucoin_facts,
        hiding=("230005", "500000", "300018"),
        words="""
            400001 400002 400003 400004 400005 400006 400007 400008 400009 404000 411100 415000 429000 1015 200001
            200002 200003 200004 400100 400600 600100 600101 600203 900001 230003 260100 100001 100003 100004 300000
            300001 300002 300003 300004 300005 300008 300009 300011 300012 300013 300014 300015 300016 330005 330008
            330011 330012
        """,
    ),
    Venue(
        name="aster",
        section="## 4.",
        errors=aster.read_error,
        order=_session_order,
        read=_session_read,
        body=_aster_body,
        facts=_aster_facts,
        hiding=("-1000", "-1006", "-1007", "-4115", "-4116"),
        words="""
            -1002 -1003 -1015 -1021 -1022 -1102 -1111 -1121 -2010 -2011 -2013 -2014 -2015 -2018 -2019 -2021 -2022 -2025
            -2027 -4003 -4004 -4005 -4013 -4014 -4015 -4016 -4023 -4024 -4046 -4061 -4131 -4140 -4141 -4164 -4225
        """,
    ),
)
BROKEN = (500, 502, 503, 504)
HIDDEN: list[tuple[Venue, str, Any]] = [
    *((venue, f"{word}", venue.body(word)) for venue in VENUES for word in venue.hiding),
    *(
        (venue, f"status {status}", (status, {"message": "words"}))
        for venue in VENUES
        for status in (500, 502, 503, 504)
    ),
    *((venue, "a page of a gateway", (502, "<html>502</html>")) for venue in VENUES),
    *((venue, "half of an answer", (200, '{"orderId": "1')) for venue in VENUES),
    *((venue, "an answer of another shape", (200, {"something": "else"})) for venue in VENUES if venue.name != "aster"),
    *(
        (venue, f"{lost.__name__}", lost("lost"))
        for venue in VENUES
        for lost in (
            httpx.ConnectTimeout,
            httpx.ReadTimeout,
            httpx.WriteTimeout,
            httpx.PoolTimeout,
            httpx.ConnectError,
            httpx.ReadError,
            httpx.WriteError,
            httpx.RemoteProtocolError,
            httpx.DecodingError,
        )
    ),
    (VENUES[2], "clientOidDuplicated", (200, {"code": "400100", "msg": "validation.createOrder.clientOidDuplicated"})),
    (VENUES[2], "a code of tomorrow", (200, {"code": "999999", "msg": "words"})),
    (VENUES[3], "a word for a duplicate", (400, {"code": -2010, "msg": "ClientOrderId is duplicated."})),
    (VENUES[3], "a refusal inside 503", (503, {"code": -2019, "msg": "Margin is insufficient."})),
    (VENUES[3], "a code of tomorrow", (400, {"code": -9999, "msg": "words"})),
    (VENUES[1], "a word of tomorrow", (200, {"success": False, "error_response": {"error": "WORD_OF_TOMORROW"}})),
]


async def heard(venue: Venue, told: Any, ask: Callable[[VenueSession], Awaitable[object]]) -> VenueError | None:
    """Return the error that becomes of what a venue told, None where it is none."""

    def answer(_: httpx.Request) -> httpx.Response:
        if isinstance(told, Exception):
            raise told
        status, body = told
        return httpx.Response(status, content=body if isinstance(body, str) else json.dumps(body))

    transport = httpx.MockTransport(answer)
    retries = Retries(attempts=1)
    async with VenueSession(
        venue.name, "http://venue", errors=venue.errors, transport=transport, retries=retries
    ) as one:
        try:
            await ask(one)
        except VenueError as error:
            return error
    return None


async def _heard_all(
    venue: Venue, words: Iterable[str], ask: Callable[[VenueSession], Awaitable[object]]
) -> Mapping[str, VenueError | None]:
    return {word: await heard(venue, venue.body(word), ask) for word in sorted(words)}


@pytest.mark.parametrize("venue", VENUES, ids=str)
async def test_every_word_in_the_reply_to_an_order_has_a_class(venue: Venue) -> None:
    errors = await _heard_all(venue, venue.known(), venue.order)
    assert {word: error for word, error in errors.items() if not isinstance(error, DEFINITE)} == {}


@pytest.mark.parametrize("venue", VENUES, ids=str)
async def test_every_other_word_in_the_reply_to_an_order_is_a_definite_answer(venue: Venue) -> None:
    errors = await _heard_all(venue, venue.known() - set(venue.hiding), venue.order)
    assert {word for word, error in errors.items() if type(error) is OutcomeUnknown} == set()


@pytest.mark.parametrize("venue", VENUES, ids=str)
async def test_every_word_in_the_reply_to_a_question_has_a_class(venue: Venue) -> None:
    errors = await _heard_all(venue, venue.known(), venue.read)
    nameless = {word for word, error in errors.items() if error is None or type(error) is VenueError}
    assert nameless == set()


@pytest.mark.parametrize("venue", VENUES, ids=str)
async def test_no_word_in_the_reply_to_an_order_says_that_it_may_be_sent_again(venue: Venue) -> None:
    errors = await _heard_all(venue, venue.known(), venue.order)
    again = {word for word, error in errors.items() if isinstance(error, VenueUnavailable)}
    patient = {word for word in again if type(errors[word]) is RateLimited}
    assert again == patient


@pytest.mark.parametrize(
    ("venue", "told"), [pytest.param(venue, told, id=f"{venue}, {name}") for venue, name, told in HIDDEN]
)
async def test_what_may_hide_a_live_order_makes_us_ask(venue: Venue, told: Any) -> None:
    assert type(await heard(venue, told, venue.order)) is OutcomeUnknown


@pytest.mark.parametrize("word", VENUES[0].hiding)
def test_an_order_that_was_cancelled_at_birth_for_such_a_word_makes_us_ask_too(word: str) -> None:
    assert type(oanda.refusal(word, "order sd-1")) is OutcomeUnknown


@pytest.mark.parametrize("venue", VENUES, ids=str)
def test_the_written_facts_are_read(venue: Venue) -> None:
    if not FACTS.exists():
        pytest.skip(f"the written facts are not here: {FACTS.name}")
    assert len(venue.facts(_section(venue.section))) >= 20


def _section(head: str) -> str:
    text = FACTS.read_text(encoding="utf-8")
    return text.partition(f"\n{head}")[2].partition("\n## ")[0]
