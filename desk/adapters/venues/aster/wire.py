"""What Aster writes, as far as the desk reads it: the venue's names, none of which leaves this folder."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from desk.adapters.venue_http.reply import Unreadable

T = TypeVar("T")
_EPOCH = datetime.fromtimestamp(0, tz=UTC)


def to_milliseconds(at: datetime) -> int:
    """Return a time as the venue writes it."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _time(value: object) -> object:
    return _EPOCH + timedelta(milliseconds=value) if isinstance(value, int) else value


def _known_time(value: object) -> object:
    return _time(value) if value else None


def _rows(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Milliseconds: TypeAlias = Annotated[datetime, BeforeValidator(_time)]
MaybeMilliseconds: TypeAlias = Annotated[datetime | None, BeforeValidator(_known_time)]
"""0 where the venue knows no time."""


class Wire(BaseModel):
    """A part of a reply; what is not named here is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class ServerTime(Wire):
    """GET time."""

    at: Milliseconds = Field(alias="serverTime")


class FilterWire(Wire):
    """One rule of a symbol; each kind of rule has fields of its own."""

    kind: str = Field(alias="filterType")
    tick: Decimal | None = Field(None, alias="tickSize")
    step: Decimal | None = Field(None, alias="stepSize")
    minimum: Decimal | None = Field(None, alias="minQty")
    notional: Decimal | None = None


class SymbolWire(Wire):
    """One market of GET exchangeInfo."""

    symbol: str
    status: str
    contract: str = Field("PERPETUAL", alias="contractType")
    base: str = Field(alias="baseAsset")
    quote: str = Field(alias="quoteAsset")
    margin: str = Field(alias="marginAsset")
    filters: tuple[FilterWire, ...]


class ExchangeWire(Wire):
    """GET exchangeInfo."""

    symbols: tuple[SymbolWire, ...]


class BookTickerWire(Wire):
    """One element of GET ticker/bookTicker."""

    symbol: str
    bid: Decimal = Field(alias="bidPrice")
    ask: Decimal = Field(alias="askPrice")
    at: MaybeMilliseconds = Field(None, alias="time")


class DepthWire(Wire):
    """GET depth: prices and quantities of each side, best first."""

    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    at: MaybeMilliseconds = Field(None, alias="E")


class PremiumWire(Wire):
    """GET premiumIndex of one symbol; the rate is that of the interval which ends next."""

    symbol: str
    rate: Decimal = Field(alias="lastFundingRate")
    at: MaybeMilliseconds = Field(None, alias="time")


class FundingInfoWire(Wire):
    """One element of GET fundingInfo."""

    symbol: str
    hours: int = Field(alias="fundingIntervalHours", gt=0)


class AssetWire(Wire):
    """What is held of one currency."""

    asset: str
    balance: Decimal = Field(alias="walletBalance")


class AccountWire(Wire):
    """GET account."""

    cash: Decimal = Field(alias="totalWalletBalance")
    equity: Decimal = Field(alias="totalMarginBalance")
    # The second is with the margin of working orders, and is taken where positions are not told by themselves.
    margin: Decimal | None = Field(
        None, validation_alias=AliasChoices("totalPositionInitialMargin", "totalInitialMargin")
    )
    assets: tuple[AssetWire, ...] = ()
    can_trade: bool | None = Field(None, alias="canTrade")


class PositionWire(Wire):
    """One element of GET positionRisk, which lists flat symbols too."""

    symbol: str
    quantity: Decimal = Field(alias="positionAmt")
    entry_price: Decimal = Field(alias="entryPrice")
    liquidation: Decimal | None = Field(None, alias="liquidationPrice")
    side: str = Field("BOTH", alias="positionSide")
    changed_at: MaybeMilliseconds = Field(None, alias="updateTime")


class OrderWire(Wire):
    """An order, wherever one is told of."""

    symbol: str
    order_id: int = Field(alias="orderId")
    client_order_id: str = Field(alias="clientOrderId")
    side: Literal["BUY", "SELL"]
    status: str
    type: str
    original_type: str = Field("", alias="origType")
    quantity: Decimal = Field(alias="origQty")
    filled: Decimal = Field(Decimal(0), alias="executedQty")
    price: Decimal = Decimal(0)
    trigger: Decimal = Field(Decimal(0), alias="stopPrice")
    reduce_only: bool = Field(default=False, alias="reduceOnly")
    closes_position: bool = Field(default=False, alias="closePosition")
    created_at: MaybeMilliseconds = Field(None, alias="time")
    changed_at: Milliseconds = Field(alias="updateTime")


class TradeWire(Wire):
    """One element of GET userTrades."""

    id: int
    symbol: str
    order_id: int = Field(alias="orderId")
    side: Literal["BUY", "SELL"]
    price: Decimal
    quantity: Decimal = Field(alias="qty", gt=0)
    commission: Decimal
    commission_asset: str = Field(alias="commissionAsset")
    realised_profit: Decimal = Field(alias="realizedPnl")
    at: Milliseconds = Field(alias="time")


class LeverageWire(Wire):
    """POST leverage."""

    leverage: int


Rows: TypeAlias = Annotated[tuple[T, ...], BeforeValidator(_rows)]
"""An array, or the one object that the venue sends instead when it was asked about one symbol."""

SERVER_TIME = TypeAdapter(ServerTime)
EXCHANGE = TypeAdapter(ExchangeWire)
BOOK_TICKERS: TypeAdapter[tuple[BookTickerWire, ...]] = TypeAdapter(Rows[BookTickerWire])
ACCOUNT = TypeAdapter(AccountWire)
POSITIONS: TypeAdapter[tuple[PositionWire, ...]] = TypeAdapter(Rows[PositionWire])
ORDER = TypeAdapter(OrderWire)
ORDERS: TypeAdapter[tuple[OrderWire, ...]] = TypeAdapter(Rows[OrderWire])
TRADES: TypeAdapter[tuple[TradeWire, ...]] = TypeAdapter(Rows[TradeWire])
LEVERAGE = TypeAdapter(LeverageWire)
DEPTH = TypeAdapter(DepthWire)
PREMIUM = TypeAdapter(PremiumWire)
FUNDING_INFO: TypeAdapter[tuple[FundingInfoWire, ...]] = TypeAdapter(Rows[FundingInfoWire])
ANYTHING: TypeAdapter[object] = TypeAdapter(object)


def understood(adapter: TypeAdapter[T], raw: Any) -> T:
    """Return a reply's body as what it should be.

    Raises:
        Unreadable: it is something else.
    """
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Unreadable(f"{place}: {first['msg']} ({error.error_count()} such)") from None
