"""KuCoin's futures host, with all its paths."""

from starlette.applications import Starlette

from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.paths import app_of
from simulator.dialects.kucoin_common.service import Service
from simulator.dialects.kucoin_common.streams import Streams
from simulator.dialects.kucoin_common.wallets import Wallets
from simulator.dialects.kucoin_futures.money import Money
from simulator.dialects.kucoin_futures.orders import Orders
from simulator.dialects.kucoin_futures.public import Public
from simulator.dialects.kucoin_futures.rules import VENUE
from simulator.dialects.kucoin_futures.settings import Settings
from simulator.dialects.kucoin_futures.topics import FuturesTopics
from simulator.exchange import Exchange


def serve(exchange: Exchange) -> Starlette:
    """Return the application of the futures host."""
    customers, settings = Customers(exchange, VENUE), Settings()
    service, money = Service(customers), Money(customers, settings)
    parts = (service, Wallets(customers), Public(customers), money, Orders(customers, settings))
    paths = {name: priced for part in parts for name, priced in part.paths().items()}
    return app_of(exchange, paths, [Streams(service, FuturesTopics(customers, money)).route()])
