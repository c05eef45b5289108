"""KuCoin's spot host, with all its paths."""

from starlette.applications import Starlette

from simulator.dialects.kucoin.money import Money
from simulator.dialects.kucoin.orders import Orders
from simulator.dialects.kucoin.public import Public
from simulator.dialects.kucoin.rules import VENUE
from simulator.dialects.kucoin.topics import SpotTopics
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.paths import app_of
from simulator.dialects.kucoin_common.service import Service
from simulator.dialects.kucoin_common.streams import Streams
from simulator.dialects.kucoin_common.wallets import Wallets
from simulator.exchange import Exchange


def serve(exchange: Exchange) -> Starlette:
    """Return the application of the spot host."""
    customers = Customers(exchange, VENUE)
    service = Service(customers)
    # A wallet's own path has to come before the one of any account.
    parts = (service, Wallets(customers), Public(customers), Money(customers), Orders(customers))
    paths = {name: priced for part in parts for name, priced in part.paths().items()}
    return app_of(exchange, paths, [Streams(service, SpotTopics(customers)).route()])
