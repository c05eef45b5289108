"""The venues of the contract: how an account is opened at each, what it trades, and what the venue cannot do."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal

from pydantic import SecretStr

from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.adapters.ledger.database import Database
from desk.adapters.venues.aster.credentials import AsterCredentials, HmacCredentials, WalletCredentials
from desk.adapters.venues.aster.limits import CallLimits
from desk.adapters.venues.aster.lookup import Patience as AsterPatience
from desk.adapters.venues.aster.open import open_aster
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials
from desk.adapters.venues.coinbase.open import open_coinbase
from desk.adapters.venues.coinbase.terms import CoinbaseTerms, Looks
from desk.adapters.venues.kucoin.auth import KucoinCredentials
from desk.adapters.venues.kucoin.opening import Connection, open_kucoin_futures, open_kucoin_spot
from desk.adapters.venues.kucoin.patience import Patience as KucoinPatience
from desk.adapters.venues.oanda.open import OandaCredentials, open_oanda
from desk.adapters.venues.oanda.open import simulator as oanda_simulator
from desk.adapters.venues.paper.terms import PaperTerms
from desk.adapters.venues.paper.trading import PaperTrading
from desk.model.books import Quote
from desk.model.timeframe import Timeframe
from simulator.dialects.coinbase.keys import made_up_keys
from simulator.dialects.kucoin_common.door import SECRETS as KUCOIN_KEYS
from simulator.tape import Tape
from tests.contracts.venues.bench import Bench, Opened, VenueCase

_BITCOIN = {
    "quantity": Decimal("0.002"),
    "bid": Decimal(60_000),
    "ask": Decimal(60_001),
    "step": Decimal(1_000),
}
_PAUSES = tuple(timedelta(milliseconds=pause) for pause in (30, 70, 150))
_EURO = {
    "instrument": "EUR/USD",
    "quantity": Decimal(1_000),
    "bid": Decimal("1.10000"),
    "ask": Decimal("1.10010"),
    "step": Decimal("0.01"),
}


async def _open_paper(bench: Bench, stack: AsyncExitStack) -> Opened:
    database = Database.open(bench.database)
    stack.push_async_callback(database.close)
    tape = Tape(SyntheticFeed(7))

    def pin(bid: Decimal, ask: Decimal) -> None:
        # A candle of the pinned price closes now, and that is what working orders meet.
        bench.clock.at = Timeframe.M1.floor(bench.clock.at)
        tape.pin(Quote(bench.case.instrument, bid, ask, bench.clock.at))

    bench.pin = pin
    terms = PaperTerms("USD", Decimal(100_000), Timeframe.M1, max_leverage=Decimal(50))
    trading = PaperTrading(
        account="sample", venue="paper", feed=tape, clock=bench.clock, database=database, terms=terms
    )
    pin(bench.bid, bench.ask)
    return Opened(trading, tape)


async def _shorter(seconds: float) -> None:
    """Wait for longer than the simulated venue lags, which is less than what is assumed of the real one."""
    await asyncio.sleep(0.7 * seconds)


async def _open_oanda(bench: Bench, stack: AsyncExitStack) -> Opened:
    credentials = OandaCredentials("101-001-0000001-001", SecretStr("simulator-oanda-token"))
    environment = oanda_simulator(bench.address)
    venue = open_oanda(
        credentials,
        environment,
        clock=bench.clock,
        transport=bench.transport,
        retries=bench.retries,
        sleep=_shorter,
    )
    stack.push_async_callback(venue.session.close)
    return Opened(venue.trading, venue.market)


async def _open_aster(bench: Bench, stack: AsyncExitStack, credentials: AsterCredentials) -> Opened:
    venue = open_aster(
        credentials,
        "simulator",
        clock=bench.clock,
        instruments=[bench.case.instrument],
        base_url=bench.address,
        transport=bench.transport,
        retries=bench.retries,
        limits=CallLimits(bench.clock),
        nonces=bench.nonces,
        patience=AsterPatience(lag=timedelta(milliseconds=250)),
    )
    stack.push_async_callback(venue.session.close)
    return Opened(venue.trading, venue.market, venue.trading.protect)


async def _open_aster_hmac(bench: Bench, stack: AsyncExitStack) -> Opened:
    key = HmacCredentials(api_key=SecretStr("simulator-aster-key"), api_secret=SecretStr("simulator-aster-secret"))
    return await _open_aster(bench, stack, key)


async def _open_aster_wallet(bench: Bench, stack: AsyncExitStack) -> Opened:
    return await _open_aster(bench, stack, WalletCredentials(private_key=SecretStr("0x" + "0" * 63 + "1")))


_EDITS = ("TC-E30", "TC-E31", "TC-E76")
_NO_EDITS = dict.fromkeys(_EDITS, "an order here is cancelled and sent again, never changed (TC-E32)")
_ALL_TYPES = {"TC-E72": "the venue takes every type of order that the desk has"}
_USUAL = _NO_EDITS | _ALL_TYPES


async def _open_coinbase(bench: Bench, stack: AsyncExitStack) -> Opened:
    keys = made_up_keys()
    credentials = CoinbaseCredentials(SecretStr(keys["es256_key"]), SecretStr(keys["es256_secret"]))
    venue = open_coinbase(
        credentials,
        "simulator",
        CoinbaseTerms("USD", (bench.case.instrument,)),
        clock=bench.clock,
        base_url=bench.address,
        transport=bench.transport,
        retries=bench.retries,
        looks=Looks(pauses=_PAUSES),
    )
    stack.push_async_callback(venue.session.close)
    return Opened(venue.trading, venue.market, edit=venue.trading.edit)


def _kucoin(bench: Bench) -> tuple[KucoinCredentials, Connection]:
    credentials = KucoinCredentials(
        key=SecretStr(KUCOIN_KEYS["key"]),
        secret=SecretStr(KUCOIN_KEYS["secret"]),
        passphrase=SecretStr(KUCOIN_KEYS["passphrase"]),
    )
    connection = Connection(
        bench.clock,
        "simulator",
        bench.address,
        transport=bench.transport,
        retries=bench.retries,
        patience=KucoinPatience(_PAUSES),
    )
    return credentials, connection


async def _open_kucoin(bench: Bench, stack: AsyncExitStack) -> Opened:
    venue = open_kucoin_spot(*_kucoin(bench), instruments=[bench.case.instrument])
    stack.push_async_callback(venue.close)
    return Opened(venue.trading, venue.market)


async def _open_kucoin_futures(bench: Bench, stack: AsyncExitStack) -> Opened:
    venue = open_kucoin_futures(*_kucoin(bench))
    stack.push_async_callback(venue.close)
    return Opened(venue.trading, venue.market)


_EMBEDDED = "the venue is embedded, no request can be lost on the way"

PAPER = VenueCase(
    name="paper",
    open=_open_paper,
    missing=_USUAL | {"TC-E74": _EMBEDDED, "TC-E75": _EMBEDDED},
    **_EURO,
)
OANDA = VenueCase(
    name="oanda",
    wire="oanda",
    open=_open_oanda,
    ids_name_one_order=True,
    cancels=("PUT", "/cancel$"),
    missing=_USUAL,
    **_EURO,
)
_PERPETUAL = {"instrument": "BTC/USDT:USDT", **_BITCOIN}
_ASTER = {"wire": "aster", "orders": "/order$", "bans": True, "missing": _USUAL, **_PERPETUAL}
ASTER_HMAC = VenueCase(name="aster-hmac", open=_open_aster_hmac, **_ASTER)
ASTER_WALLET = VenueCase(name="aster-wallet", open=_open_aster_wallet, **_ASTER)
_NO_SHORTS = dict.fromkeys(("TC-E02", "TC-E51", "TC-E87"), "nothing can be sold on a spot market that is not held")
_NO_STOPS = dict.fromkeys(("TC-E20", "TC-E21", "TC-E35"), "the desk sends no stops to this market (TC-E72)")
_NO_BRACKETS = dict.fromkeys(("TC-E50", "TC-E52"), "an order of this market carries neither stop nor target")
COINBASE = VenueCase(
    name="coinbase",
    wire="coinbase",
    open=_open_coinbase,
    instrument="BTC/USD",
    orders="/orders$",
    cancels=("POST", "/batch_cancel$"),
    ids_name_one_order=True,
    missing=_ALL_TYPES | _NO_SHORTS,
    **_BITCOIN,
)
KUCOIN = VenueCase(
    name="kucoin",
    wire="kucoin",
    open=_open_kucoin,
    instrument="BTC/USDT",
    orders="/hf/orders$",
    missing=_NO_EDITS | _NO_SHORTS | _NO_STOPS | _NO_BRACKETS,
    **_BITCOIN,
)
KUCOIN_FUTURES = VenueCase(
    name="kucoin-futures",
    wire="kucoin_futures",
    open=_open_kucoin_futures,
    orders="/(st-)?orders$",
    ids_name_one_order=True,
    missing=_USUAL,
    **_PERPETUAL,
)

CASES = (PAPER, OANDA, COINBASE, KUCOIN, KUCOIN_FUTURES, ASTER_HMAC, ASTER_WALLET)
WIRED = tuple(case for case in CASES if case.wire)
