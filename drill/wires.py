"""How an account is opened at each simulator: with keys that are made up here, and a patience that is simulated."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import httpx
from pydantic import SecretStr

from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.aster.credentials import HmacCredentials
from desk.adapters.venues.aster.limits import CallLimits
from desk.adapters.venues.aster.lookup import Patience as AsterPatience
from desk.adapters.venues.aster.open import open_aster
from desk.adapters.venues.aster.protected import ProtectedTrading
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials
from desk.adapters.venues.coinbase.open import open_coinbase
from desk.adapters.venues.coinbase.terms import CoinbaseTerms, Looks
from desk.adapters.venues.kucoin.auth import KucoinCredentials
from desk.adapters.venues.kucoin.opening import Connection, open_kucoin_futures, open_kucoin_spot
from desk.adapters.venues.kucoin.patience import Patience as KucoinPatience
from desk.adapters.venues.oanda.open import OandaCredentials, open_oanda
from desk.adapters.venues.oanda.open import simulator as oanda_simulator
from desk.adapters.venues.recalling import Recall, RecallTraded, recall_nothing, recall_nothing_traded
from desk.ports import Feed, Trading
from drill.seats import Seat
from simulator.clock import SteeredClock
from simulator.dialects.coinbase.keys import made_up_keys

_A_MOMENT = 0.015
"""Real seconds: some of what the simulators do a moment later is not in simulated time."""


@dataclass(frozen=True, slots=True)
class Line:
    """What an account is opened with.

    Attributes:
        address: of its venue.
        clock: the venue's and the desk's.
    """

    address: str
    clock: SteeredClock
    transport: httpx.AsyncBaseTransport
    limits: CallLimits
    recall: Recall = recall_nothing
    recall_traded: RecallTraded = recall_nothing_traded
    retries: Retries = field(default_factory=Retries)

    async def wait(self, seconds: float) -> None:
        """Let simulated seconds pass."""
        await pass_time(self.clock, seconds)
        await asyncio.sleep(_A_MOMENT)


@dataclass(frozen=True, slots=True)
class Opened:
    """An account at a simulator.

    Attributes:
        bare: trades there without anything that the desk does beside an order.
    """

    trading: Trading
    market: Feed
    bare: Trading


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a drill has to know of a venue.

    Attributes:
        secrets: what an account is opened with at the simulator, by its place.
        number: the account's name there.
        open: opens it for the desk.
        orders: pattern of the requests that place an order.
        working, held, fills: patterns of the requests for working orders, positions and fills.
        keeps_stops: whether the desk keeps stops there.
        bans: whether who asks too much may send nothing for a while.
        told_unit: as of `drill.evidence.Expected`.
    """

    number: Callable[[int], str]
    secrets: Callable[[int], dict[str, str]]
    open: Callable[[Seat, Line], Opened]
    orders: str
    working: str
    held: str
    fills: str
    keeps_stops: bool = True
    bans: bool = False
    told_unit: Decimal = Decimal(0)


def patient(clock: SteeredClock) -> Retries:
    """Return retries whose pauses are simulated and always the same."""

    async def sleep(seconds: float) -> None:
        await pass_time(clock, seconds)

    return Retries(sleep=sleep, jitter=lambda: 1.0)


async def pass_time(clock: SteeredClock, seconds: float) -> None:
    """Let simulated seconds pass, and everybody else run."""
    clock.jump(clock.now() + timedelta(seconds=seconds))
    await asyncio.sleep(0)


def _open_oanda(seat: Seat, line: Line) -> Opened:
    credentials = OandaCredentials(_oanda_number(seat.place), SecretStr(_oanda_secrets(seat.place)["token"]))
    venue = open_oanda(
        credentials,
        oanda_simulator(line.address),
        clock=line.clock,
        transport=line.transport,
        retries=line.retries,
        sleep=line.wait,
    )
    return Opened(venue.trading, venue.market, venue.trading)


def _oanda_number(place: int) -> str:
    return f"101-001-7000000-{place:03}"


def _oanda_secrets(place: int) -> dict[str, str]:
    return {"token": "drill-oanda-token"}


def _open_coinbase(seat: Seat, line: Line) -> Opened:
    keys = _coinbase_secrets(seat.place)
    venue = open_coinbase(
        CoinbaseCredentials(SecretStr(keys["ed25519_key"]), SecretStr(keys["ed25519_secret"])),
        "simulator",
        CoinbaseTerms(seat.account.currency, seat.account.instruments),
        clock=line.clock,
        base_url=line.address,
        transport=line.transport,
        retries=line.retries,
        looks=Looks(sleep=line.wait),
    )
    return Opened(venue.trading, venue.market, venue.trading)


def _coinbase_secrets(place: int) -> dict[str, str]:
    key = f"organizations/drill/apiKeys/{place}"
    return {"ed25519_key": key, "ed25519_secret": made_up_keys()["ed25519_secret"]}


def _kucoin(seat: Seat, line: Line) -> tuple[KucoinCredentials, Connection]:
    secrets = _kucoin_secrets(seat.place)
    credentials = KucoinCredentials(
        key=SecretStr(secrets["key"]),
        secret=SecretStr(secrets["secret"]),
        passphrase=SecretStr(secrets["passphrase"]),
    )
    connection = Connection(
        line.clock,
        "simulator",
        line.address,
        transport=line.transport,
        retries=line.retries,
        patience=KucoinPatience(sleep=line.wait),
    )
    return credentials, connection


def _kucoin_secrets(place: int) -> dict[str, str]:
    return {"key": f"drill-key-{place}", "secret": f"drill-secret-{place}", "passphrase": "drill-passphrase"}


def _open_spot(seat: Seat, line: Line) -> Opened:
    async def traded_since(since: object) -> frozenset[str]:
        return frozenset(seat.account.instruments)

    venue = open_kucoin_spot(
        *_kucoin(seat, line),
        instruments=seat.account.instruments,
        currency=seat.account.currency,
        recall=line.recall,
        recall_since=traded_since,
    )
    return Opened(venue.trading, venue.market, venue.trading)


def _open_futures(seat: Seat, line: Line) -> Opened:
    venue = open_kucoin_futures(*_kucoin(seat, line), currency=seat.account.currency)
    return Opened(venue.trading, venue.market, venue.trading)


def _open_aster(seat: Seat, line: Line) -> Opened:
    secrets = _aster_secrets(seat.place)
    key = HmacCredentials(api_key=SecretStr(secrets["api_key"]), api_secret=SecretStr(secrets["api_secret"]))
    venue = open_aster(
        key,
        "simulator",
        clock=line.clock,
        instruments=seat.account.instruments,
        base_url=line.address,
        transport=line.transport,
        retries=line.retries,
        limits=line.limits,
        recall=line.recall,
        patience=AsterPatience(sleep=line.wait),
    )
    return Opened(ProtectedTrading(venue.trading), venue.market, venue.trading)


def _aster_secrets(place: int) -> dict[str, str]:
    return {"api_key": f"drill-key-{place}", "api_secret": f"drill-secret-{place}"}


def _named(place: int) -> str:
    return f"drill-{place}"


DIALECTS = {
    "oanda": Dialect(
        _oanda_number,
        _oanda_secrets,
        _open_oanda,
        orders="/orders$",
        working=r"/accounts/[^/]+$",
        held=r"/accounts/[^/]+$",
        fills="/transactions",
        told_unit=Decimal("0.0001"),
    ),
    "coinbase": Dialect(
        _named,
        _coinbase_secrets,
        _open_coinbase,
        orders="/orders$",
        working="/historical/batch",
        held="/accounts",
        fills="/fills",
    ),
    "kucoin": Dialect(
        _named,
        _kucoin_secrets,
        _open_spot,
        orders="/hf/orders$",
        working="/orders/active",
        held="/accounts",
        fills="/fills",
        keeps_stops=False,
    ),
    "kucoin_futures": Dialect(
        _named,
        _kucoin_secrets,
        _open_futures,
        orders="/(st-)?orders$",
        working=r"/(orders|stopOrders)\?",
        held="/positions",
        fills="/fills",
    ),
    "aster": Dialect(
        _named,
        _aster_secrets,
        _open_aster,
        orders="/order$",
        working="/openOrders",
        held="/(positionRisk|account)",
        fills="/userTrades",
        bans=True,
    ),
}
