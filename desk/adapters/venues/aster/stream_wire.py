"""What Aster's streams say in letters, as far as the desk reads it."""

from decimal import Decimal

from pydantic import Field, SecretStr, TypeAdapter

from desk.adapters.venues.aster.wire import Milliseconds, Wire


class ListenKeyWire(Wire):
    """POST listenKey; whoever has it hears everything that happens to the account."""

    key: SecretStr = Field(alias="listenKey")


class PriceNewsWire(Wire):
    """One message of a stream of best prices."""

    symbol: str = Field(alias="s")
    bid: Decimal = Field(alias="b")
    ask: Decimal = Field(alias="a")
    at: Milliseconds = Field(alias="E")


class NamedPriceNewsWire(Wire):
    """The same where one connection has several streams."""

    data: PriceNewsWire


class NewsWire(Wire):
    """What all messages about an account have in common."""

    kind: str = Field(alias="e")
    at: Milliseconds = Field(alias="E")


class OrderChangeWire(Wire):
    """What happened to an order."""

    client_order_id: str = Field(alias="c")
    order_id: int = Field(alias="i")
    execution: str = Field(alias="x")


class OrderNewsWire(Wire):
    """ORDER_TRADE_UPDATE."""

    order: OrderChangeWire = Field(alias="o")


class AccountChangeWire(Wire):
    """What happened to money and positions; what is in a position is asked for."""

    positions: tuple[object, ...] = Field((), alias="P")


class AccountNewsWire(Wire):
    """ACCOUNT_UPDATE."""

    change: AccountChangeWire = Field(alias="a")


LISTEN_KEY = TypeAdapter(ListenKeyWire)
NAMED_PRICE_NEWS = TypeAdapter(NamedPriceNewsWire)
NEWS = TypeAdapter(NewsWire)
ORDER_NEWS = TypeAdapter(OrderNewsWire)
ACCOUNT_NEWS = TypeAdapter(AccountNewsWire)
