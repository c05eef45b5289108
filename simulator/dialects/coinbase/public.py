"""What Coinbase tells everyone: its time, products, candles, prices and books."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from starlette.requests import Request

from desk.model.books import Quote
from desk.model.depth import Depth
from simulator.books import book_of
from simulator.dialects.coinbase.candles import GRANULARITIES, MOST, Row, candles, latest
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.listing import Product
from simulator.dialects.coinbase.queries import limit_in, several, whole
from simulator.dialects.coinbase.rules import invalid, not_found, stamp, text
from simulator.dialects.coinbase.telling import Told, tell_product

_BOOK_SIZE = "100"
_MOST_LEVELS = 20
_MINUTE = 60
_MOST_TRADES = 100


class Public:
    """The paths that need no key; those of the same name without `market` in them ask for one."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def time(self, _: Request) -> object:
        """GET /time."""
        now = self._customers.exchange.clock.told()
        seconds = now.timestamp()
        return {"iso": stamp(now), "epochSeconds": str(int(seconds)), "epochMillis": str(int(seconds * 1_000))}

    async def products(self, request: Request) -> object:
        """GET /products."""
        wanted, kind = several(request, "product_ids"), request.query_params.get("product_type", "SPOT")
        listed = [one for one in (await self._customers.products()).values() if kind == "SPOT"]
        found = [one for one in listed if not wanted or one.id in wanted]
        offset = whole(request, "offset") or 0
        page = found[offset : offset + limit_in(request, len(found), len(found))]
        quotes = await self._quotes(page)
        told = [tell_product(one, quotes.get(one.instrument.name)) for one in page]
        return {"products": told, "num_products": len(found)}

    async def product(self, request: Request) -> object:
        """GET /products/{product}."""
        product = await self._customers.product(request.path_params["product"])
        return tell_product(product, (await self._quotes([product])).get(product.instrument.name))

    async def candles(self, request: Request) -> object:
        """GET /products/{product}/candles."""
        product = await self._customers.product(request.path_params["product"])
        length = GRANULARITIES.get(request.query_params.get("granularity", ""))
        start, end = whole(request, "start"), whole(request, "end")
        if length is None or start is None or end is None:
            raise invalid("start, end and granularity are required")
        limit = limit_in(request, MOST, MOST)
        exchange, name = self._customers.exchange, product.instrument.name
        return {"candles": await candles(exchange, name, length, start=start, end=end, limit=limit)}

    async def ticker(self, request: Request) -> object:
        """GET /products/{product}/ticker: the close of each of the last minutes is told as a trade."""
        product = await self._customers.product(request.path_params["product"])
        count = limit_in(request, _MOST_TRADES, _MOST_TRADES)
        rows = await latest(self._customers.exchange, product.instrument.name, _MINUTE, count)
        quote = (await self._quotes([product])).get(product.instrument.name)
        best = {"best_bid": text(quote.bid), "best_ask": text(quote.ask)} if quote else {"best_bid": "", "best_ask": ""}
        return {"trades": [_trade(product, row) for row in rows], **best}

    async def book(self, request: Request) -> object:
        """GET /product_book: all prices where no limit is named."""
        product = await self._customers.product(request.query_params.get("product_id", ""))
        levels = limit_in(request, _MOST_LEVELS, _MOST_LEVELS)
        book = await book_of(self._customers.exchange, product.instrument.name, levels)
        if book is None:
            raise not_found(f"book of {product.id}")
        bid, ask = book.bids[0].price, book.asks[0].price
        middle, spread = (bid + ask) / 2, ask - bid
        return {
            "pricebook": _deep_book(product, book),
            "last": text(middle),
            "mid_market": text(middle),
            "spread_bps": text(spread / middle * 10_000),
            "spread_absolute": text(spread),
        }

    async def best(self, request: Request) -> object:
        """GET /best_bid_ask: of all products where none are named."""
        wanted = several(request, "product_ids")
        products = await self._customers.products()
        if unknown := wanted - products.keys():
            raise not_found(f"product {min(unknown)}")
        named = [one for name, one in products.items() if not wanted or name in wanted]
        quotes = await self._quotes(named)
        found = [(one, quotes[one.instrument.name]) for one in named if one.instrument.name in quotes]
        return {"pricebooks": [_book(product, quote) for product, quote in found]}

    async def _quotes(self, products: Sequence[Product]) -> Mapping[str, Quote]:
        return await self._customers.exchange.quotes([product.instrument.name for product in products])


def _book(product: Product, quote: Quote) -> Told:
    bids, asks = ([{"price": text(price), "size": _BOOK_SIZE}] for price in (quote.bid, quote.ask))
    return {"product_id": product.id, "bids": bids, "asks": asks, "time": stamp(quote.at)}


def _deep_book(product: Product, book: Depth) -> Told:
    bids, asks = (
        [{"price": text(one.price), "size": text(one.quantity)} for one in side] for side in (book.bids, book.asks)
    )
    return {"product_id": product.id, "bids": bids, "asks": asks, "time": stamp(book.at)}


def _trade(product: Product, row: Row) -> Told:
    at = datetime.fromtimestamp(int(row["start"]), tz=UTC)
    told: Told = {"trade_id": row["start"], "product_id": product.id, "price": row["close"], "size": row["volume"]}
    return {**told, "time": stamp(at), "side": "BUY", "bid": "", "ask": "", "exchange": "CBE"}
