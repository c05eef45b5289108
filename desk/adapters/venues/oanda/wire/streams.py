"""Lines of OANDA's streams, as far as they are used."""

from desk.adapters.venues.oanda.wire.base import ClientExtensions, Time, WireModel


class WireHeartbeat(WireModel):
    """A sign of life."""

    time: Time


class WireTransactionHeartbeat(WireHeartbeat):
    """A sign of life of the transactions; it tells the newest one."""

    last_transaction_id: int


class WireNews(WireModel):
    """A transaction of any type, as far as every type is alike.

    Attributes:
        order_id: on what happened to an order; a transaction that made one has its id.
        client_order_id: on what happened to an order; a transaction that made one has it in `client_extensions`.
    """

    id: int
    type: str
    time: Time
    order_id: str = ""
    client_order_id: str = ""
    client_extensions: ClientExtensions = ClientExtensions()


class WireLine(WireModel):
    """What tells the kinds of lines apart."""

    type: str
