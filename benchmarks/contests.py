"""What is measured at each venue: our code and ccxt's for the same work, with the same keys at the same simulator."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import ccxt
import ccxt.async_support
import httpx
import numpy as np
import pandas as pd
import requests
from pydantic import SecretStr

from desk.adapters.clocks import SystemClock
from desk.adapters.venue_http.reply import Reply
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venue_http.tables import to_candles
from desk.adapters.venues.aster import auth as aster_auth
from desk.adapters.venues.aster import candles as aster_candles
from desk.adapters.venues.aster import errors as aster_errors
from desk.adapters.venues.aster.credentials import WalletCredentials
from desk.adapters.venues.aster.open import HOSTS, open_aster
from desk.adapters.venues.coinbase import auth as coinbase_auth
from desk.adapters.venues.coinbase import candles as coinbase_candles
from desk.adapters.venues.coinbase import errors as coinbase_errors
from desk.adapters.venues.coinbase.open import open_coinbase
from desk.adapters.venues.coinbase.terms import CoinbaseTerms
from desk.adapters.venues.kucoin import candles as kucoin_candles
from desk.adapters.venues.kucoin import errors as kucoin_errors
from desk.adapters.venues.kucoin.auth import KucoinAuth, KucoinCredentials
from desk.adapters.venues.kucoin.opening import Connection, open_kucoin_futures, open_kucoin_spot
from desk.model.candles import FloatArray
from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderType, TimeInForce
from desk.model.timeframe import Timeframe
from desk.ports import Feed, Trading
from simulator.dialects.finding import find_dialects

COUNT = 1_500
QUANTITY = Decimal("0.001")
_COLUMNS = ["time", "open", "high", "low", "close", "volume"]


@dataclass(frozen=True, slots=True)
class Traders:
    """Who sends orders, by label; ours is `ours`.

    Attributes:
        send: places a limit order far from the market, of its own number.
        requests: how many requests one sending is, on either side.
    """

    send: Mapping[str, Callable[[int], Awaitable[None]]]
    close: Callable[[], Awaitable[None]]
    requests: str


@dataclass(frozen=True, slots=True)
class Contest:
    """A venue's three disciplines, ours first."""

    sign: Sequence[Callable[[], object]]
    parse: Sequence[Callable[[], object]]
    trade: Callable[[], Awaitable[Traders]]


def contests() -> Mapping[str, Callable[[Mapping[str, str]], Contest]]:
    """Return what makes each venue's contest, given the addresses of the simulated venues."""
    return {"aster": _aster, "coinbase": _coinbase, "kucoin": _kucoin, "kucoin_futures": _kucoin_futures}


@dataclass(frozen=True, slots=True)
class _Theirs:
    """An exchange of ccxt.

    Attributes:
        hosts: by how its names of them begin; the longest such beginning counts.
        id_name: the parameter that carries the client order id.
        looks: whether an order is looked at after it was sent, because our `submit` does that there.
    """

    name: str
    config: Mapping[str, Any]
    hosts: Mapping[str, str]
    id_name: str
    looks: bool

    def open(self, module: Any) -> Any:
        exchange = getattr(module, self.name)({**self.config, "enableRateLimit": False})
        for name in exchange.urls["api"]:
            exchange.urls["api"][name] = max(
                (len(start), host) for start, host in self.hosts.items() if name.startswith(start)
            )[1]
        return exchange

    def build(self, path: str, kind: Sequence[str], order: Mapping[str, Any]) -> Callable[[], object]:
        """Sign an order and make it what its `requests` session sends."""
        exchange = self.open(ccxt)

        def work() -> object:
            signed = exchange.sign(path, kind, "POST", dict(order))
            headers = exchange.prepare_request_headers(signed["headers"])
            return requests.Request("POST", signed["url"], headers, data=signed["body"].encode()).prepare()

        return work

    def parse(self, body: bytes, rows: Callable[[Any], Any]) -> Callable[[], object]:
        """Read a reply as its `fetch_ohlcv` does, and make the frame that users make of that."""
        exchange = self.open(ccxt)

        def work() -> object:
            text = body.decode(errors="replace")
            told = exchange.parse_json(text)
            exchange.handle_errors(200, "OK", "", "GET", {}, text, told, {}, None)
            frame = pd.DataFrame(exchange.parse_ohlcvs(rows(told), None, "1m"), columns=_COLUMNS)
            frame["time"] = pd.to_datetime(frame["time"], unit="ms", utc=True)
            return frame.set_index("time")

        return work


def _parsing(
    body: bytes, errors: Callable[[Reply, str], object], table: Callable[[Reply], FloatArray]
) -> Callable[[], object]:
    """Read a reply as our session and adapter do, validate it, and make the same frame of it.

    Strategies take the validated arrays as they are; the frame is made for the comparison.
    """

    def work() -> object:
        reply = Reply(200, {}, body)
        assert errors(reply, "candles") is None
        return to_candles("BTC/USDT", Timeframe.M1, table(reply)).frame

    return work


def _signing(auth: httpx.Auth, path: str, **body: Any) -> Callable[[], object]:
    client = httpx.AsyncClient(base_url="http://127.0.0.1:9")
    return lambda: next(auth.sync_auth_flow(client.build_request("POST", path, **body)))


async def _traders(
    feed: Feed, trading: Trading, close: Callable[[], Awaitable[object]], instrument: str, theirs: _Theirs
) -> Traders:
    quote = (await feed.quotes([instrument], at=datetime.now(UTC)))[instrument]
    price = (await feed.instruments())[instrument].round_price(quote.bid / 2)
    blocking, waiting = theirs.open(ccxt), theirs.open(ccxt.async_support)
    blocking.load_markets()
    await waiting.load_markets()
    amount = float(QUANTITY) / float(blocking.market(instrument)["contractSize"] or 1)

    async def ours(number: int) -> None:
        await trading.submit(_intent(f"sd-ours{number:04d}", instrument, price))

    async def sync(number: int) -> None:
        named = {theirs.id_name: f"sd-sync{number:04d}"}
        order = blocking.create_order(instrument, "limit", "buy", amount, float(price), named)
        if theirs.looks:
            blocking.fetch_order(order["id"], instrument)

    async def awaited(number: int) -> None:
        named = {theirs.id_name: f"sd-wait{number:04d}"}
        order = await waiting.create_order(instrument, "limit", "buy", amount, float(price), named)
        if theirs.looks:
            await waiting.fetch_order(order["id"], instrument)

    async def shut() -> None:
        await waiting.close()
        await close()

    senders = {"ours": ours, "ccxt": sync, "ccxt.async_support": awaited}
    return Traders(senders, shut, "sent and looked at" if theirs.looks else "acknowledged")


def _intent(client_order_id: str, instrument: str, price: Decimal) -> OrderIntent:
    return OrderIntent(
        client_order_id=client_order_id,
        account="bench",
        strategy="bench",
        instrument=instrument,
        candle_close=datetime.now(UTC),
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=QUANTITY,
        price=price,
        time_in_force=TimeInForce.GTC,
    )


def _secrets(venue: str) -> Mapping[str, str]:
    return find_dialects([venue])[venue].VENUE.secrets


def _measured(clock: SystemClock) -> ClockSkew:
    """A skew that need not be asked for."""
    skew, now = ClockSkew(clock), clock.now()
    skew.observe(now, now, now)
    return skew


def _walk() -> tuple[list[int], list[list[str]]]:
    """Open times in seconds and the texts of open, high, low, close of a made market."""
    closes = 60_000 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 0.001, COUNT + 1)))
    opens, closes = closes[:-1], closes[1:]
    bars = np.column_stack((opens, np.maximum(opens, closes) * 1.0002, np.minimum(opens, closes) * 0.9998, closes))
    start = datetime(2026, 1, 14, tzinfo=UTC)
    times = [int(start.timestamp()) + 60 * number for number in range(COUNT)]
    return times, [[f"{price:.2f}" for price in bar] for bar in bars]


def _compact(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _aster(addresses: Mapping[str, str]) -> Contest:
    address = addresses["aster"]
    secrets, clock, instrument = _secrets("aster"), SystemClock(), "BTC/USDT:USDT"
    times, bars = _walk()
    body = _compact(
        [
            [at * 1000, *bar, "12.345", at * 1000 + 59_999, "740000.5", 321, "6.1", "370000.1", "0"]
            for at, bar in zip(times, bars, strict=True)
        ]
    )
    order = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "quantity": "0.001",
        "newClientOrderId": "sd-0123456789abcdef",
        "type": "LIMIT",
        "price": "60000.1",
        "timeInForce": "GTC",
    }
    credentials = WalletCredentials(private_key=SecretStr(secrets["private_key"]), user=secrets["signer"])
    options = {"builderFee": False, "defaultType": "swap", "signerAddress": secrets["signer"]}
    hosts = {"": f"{address}/fapi"}
    theirs = _Theirs(
        "aster", {"privateKey": secrets["private_key"], "options": options}, hosts, "clientOrderId", looks=False
    )
    auth = aster_auth.auth_for(credentials, now=clock.now, chain_id=HOSTS["live"].chain_id)

    async def trade() -> Traders:
        venue = open_aster(credentials, "simulator", clock=clock, instruments=[instrument], base_url=address)
        return await _traders(venue.market, venue.trading, venue.session.close, instrument, theirs)

    return Contest(
        (_signing(auth, "/fapi/v3/order", data=order), theirs.build("v3/order", ["fapiPrivate"], order)),
        (_parsing(body, aster_errors.read_error, aster_candles.candle_table), theirs.parse(body, lambda told: told)),
        trade,
    )


def _coinbase(addresses: Mapping[str, str]) -> Contest:
    address = addresses["coinbase"]
    secrets, clock, instrument = _secrets("coinbase"), SystemClock(), "BTC/USD"
    rows = [
        {"start": str(at), "low": bar[2], "high": bar[1], "open": bar[0], "close": bar[3], "volume": "12.345"}
        for at, bar in zip(*_walk(), strict=True)
    ]
    body = _compact({"candles": rows[::-1]})
    limit = {"base_size": "0.001", "limit_price": "60000.1", "post_only": False}
    order = {
        "client_order_id": "sd-0123456789abcdef",
        "product_id": "BTC-USD",
        "side": "BUY",
        "order_configuration": {"limit_limit_gtc": limit},
    }
    key, secret = secrets["es256_key"], secrets["es256_secret"]
    credentials = coinbase_auth.CoinbaseCredentials(key=SecretStr(key), secret=SecretStr(secret))
    theirs = _Theirs("coinbase", {"apiKey": key, "secret": secret}, {"": address}, "client_order_id", looks=True)

    async def trade() -> Traders:
        terms = CoinbaseTerms(currency="USD", instruments=(instrument,))
        venue = open_coinbase(credentials, "simulator", terms, clock=clock, base_url=address)
        return await _traders(venue.market, venue.trading, venue.session.close, instrument, theirs)

    def table(reply: Reply) -> FloatArray:
        return coinbase_candles.candle_table(reply, "candles")

    return Contest(
        (
            _signing(coinbase_auth.sign_with(credentials, clock.now), "/api/v3/brokerage/orders", json=order),
            theirs.build("brokerage/orders", ["v3", "private"], order),
        ),
        (
            _parsing(body, coinbase_errors.read_error, table),
            theirs.parse(body, lambda told: told["candles"]),
        ),
        trade,
    )


def _kucoin(addresses: Mapping[str, str]) -> Contest:
    instrument = "BTC/USDT"
    rows = [[str(at), bar[0], bar[3], bar[1], bar[2], "12.345", "740000.5"] for at, bar in zip(*_walk(), strict=True)]
    columns = kucoin_candles.Columns(open=1, close=2, high=3, low=4, volume=5)

    async def trade() -> Traders:
        venue = open_kucoin_spot(_KUCOIN, _connection(addresses["kucoin"]), instruments=[instrument])
        return await _traders(venue.market, venue.trading, venue.close, instrument, theirs)

    theirs = _kucoin_theirs("kucoin", addresses)
    return _kucoin_contest(theirs, rows[::-1], columns, ("hf/orders", "private", "BTC-USDT"), trade)


def _kucoin_futures(addresses: Mapping[str, str]) -> Contest:
    instrument = "BTC/USDT:USDT"
    rows = [[at * 1000, *map(float, bar), 12] for at, bar in zip(*_walk(), strict=True)]
    columns = kucoin_candles.Columns(open=1, high=2, low=3, close=4, volume=5, per_second=1000, lot=0.001)

    async def trade() -> Traders:
        venue = open_kucoin_futures(_KUCOIN, _connection(addresses["kucoin_futures"]))
        return await _traders(venue.market, venue.trading, venue.close, instrument, theirs)

    theirs = _kucoin_theirs("kucoinfutures", addresses)
    return _kucoin_contest(theirs, rows, columns, ("orders", "futuresPrivate", "XBTUSDTM"), trade)


# ccxt signs as keys of version 2 do, so both sides have one.
_KUCOIN_SECRETS = _secrets("kucoin")
_KUCOIN = KucoinCredentials(
    key=SecretStr(_KUCOIN_SECRETS["earlier_key"]),
    secret=SecretStr(_KUCOIN_SECRETS["earlier_secret"]),
    passphrase=SecretStr(_KUCOIN_SECRETS["earlier_passphrase"]),
    key_version=2,
)


def _connection(address: str) -> Connection:
    return Connection(clock=SystemClock(), environment="simulator", base_url=address)


def _kucoin_theirs(name: str, addresses: Mapping[str, str]) -> _Theirs:
    config = {
        "apiKey": _KUCOIN_SECRETS["earlier_key"],
        "secret": _KUCOIN_SECRETS["earlier_secret"],
        "password": _KUCOIN_SECRETS["earlier_passphrase"],
    }
    # It asks for the markets of both.
    hosts = {"": addresses["kucoin"], "futures": addresses["kucoin_futures"]}
    return _Theirs(name, config, hosts, "clientOrderId", looks=True)


def _kucoin_contest(
    theirs: _Theirs,
    rows: Sequence[object],
    columns: kucoin_candles.Columns,
    place: tuple[str, str, str],
    trade: Callable[[], Awaitable[Traders]],
) -> Contest:
    path, kind, symbol = place
    body = _compact({"code": "200000", "data": rows})
    order = {
        "clientOid": "sd-0123456789abcdef",
        "symbol": symbol,
        "side": "buy",
        "type": "limit",
        "price": "60000.1",
        "size": "1",
        "timeInForce": "GTC",
    }
    auth = KucoinAuth(_KUCOIN, _measured(SystemClock()))

    def table(reply: Reply) -> FloatArray:
        return kucoin_candles.candle_table(reply, columns, "BTC/USDT")

    return Contest(
        (_signing(auth, f"/api/v1/{path}", json=order), theirs.build(path, [kind], order)),
        (_parsing(body, kucoin_errors.read_error, table), theirs.parse(body, lambda told: told["data"])),
        trade,
    )
