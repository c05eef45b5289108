"""The words of freqtrade's API, for tools that were made for that: what it tells of an account.

The fields are those of its public documents, and only here amounts are floats, because its clients expect numbers. What
the desk does not know of a trade is None. Profits, stakes and capital are in account currency, after fees; what is open
is worth what a unit of its quote currency was at its first fill.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

API_VERSION = 2.34
"""Of freqtrade's API, by which its clients decide what they may ask."""


@dataclass(frozen=True, slots=True)
class Ping:
    """It answers."""

    status: str = "pong"


@dataclass(frozen=True, slots=True)
class Version:
    """What answers."""

    version: str


@dataclass(frozen=True, slots=True)
class TradeCount:
    """How many trades are open, and their stakes; `max` is -1, because rules limit them and no number does."""

    current: int
    max: int
    total_stake: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FreqtradeOrder:
    """An order that filled a part of a trade, or several fills that the venue made by itself.

    Attributes:
        status: of ccxt: open, closed, canceled, expired or rejected.
        filled, cost: of this trade: an order that turned a position filled two.
        ft_order_side: buy, sell or stoploss.
        ft_order_tag: of an entry the strategy, of an exit its reason.
    """

    pair: str
    order_id: str
    status: str
    amount: float
    filled: float
    remaining: float
    safe_price: float
    average: float
    price: float | None
    cost: float
    ft_order_side: str
    ft_is_entry: bool
    ft_order_tag: str | None
    ft_fee_base: float | None = None
    order_type: str
    is_open: bool
    order_date: str
    order_timestamp: int
    order_filled_date: str
    order_filled_timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeCosts:
    """What a trade cost, in account currency; `fee_open` and `fee_close` are fractions of what was traded.

    Attributes:
        funding_fees: what holding it brought; below 0 it cost something.
    """

    fee_open: float | None
    fee_open_cost: float | None
    fee_open_currency: str | None
    fee_close: float | None
    fee_close_cost: float | None
    fee_close_currency: str | None
    funding_fees: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreqtradeTrade(TradeCosts):
    """A trade; ratios are of the stake, `_pct` is a hundred times that.

    Attributes:
        amount: what is still held of an open one, in base units; all that was entered of one that is over.
        close_profit_abs: None while it is open.
        profit_abs: of an open one what it would come to now; None where no price is known.
        min_rate, max_rate: the lowest and the highest price of its way; None where that was not seen.
        orders: those that filled something; what waits at the venue is not among them.
        enter_tag: the strategy, because an account has several; None where it is not known.
    """

    trade_id: int
    pair: str
    base_currency: str
    quote_currency: str
    is_open: bool
    is_short: bool
    exchange: str
    amount: float
    amount_requested: float
    stake_amount: float | None
    strategy: str
    enter_tag: str | None = None
    timeframe: int
    open_date: str
    open_timestamp: int
    open_fill_date: str
    open_fill_timestamp: int
    open_rate: float
    open_trade_value: float | None
    close_date: str | None
    close_timestamp: int | None
    close_rate: float | None
    close_profit: float | None
    close_profit_pct: float | None
    close_profit_abs: float | None
    profit_ratio: float | None
    profit_pct: float | None
    profit_abs: float | None
    profit_fiat: float | None = None
    realized_profit: float
    realized_profit_ratio: float | None
    exit_reason: str | None
    stop_loss_abs: float | None
    initial_stop_loss_abs: float | None
    min_rate: float | None
    max_rate: float | None
    current_rate: float | None
    total_profit_abs: float | None
    total_profit_ratio: float | None
    has_open_orders: bool
    orders: tuple[FreqtradeOrder, ...]


@dataclass(frozen=True, slots=True)
class FreqtradeTrades:
    """Trades that are over: how many are here, from which on, and how many there are."""

    trades: tuple[FreqtradeTrade, ...]
    trades_count: int
    offset: int
    total_trades: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """Money, or a position that its value is told of; `est_stake` in account currency."""

    currency: str
    free: float
    balance: float
    used: float = 0.0
    bot_owned: float
    est_stake: float | None
    est_stake_bot: float | None
    stake: str
    side: str = "long"
    leverage: float = 1.0
    is_position: bool = False
    position: float = 0.0
    is_bot_managed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """The money of an account; `total` is its equity."""

    currencies: tuple[BalanceRow, ...]
    total: float
    total_bot: float
    symbol: str = ""
    value: float = 0.0
    value_bot: float = 0.0
    stake: str
    note: str
    starting_capital: float
    starting_capital_ratio: float
    starting_capital_pct: float
    starting_capital_fiat: float = 0.0
    starting_capital_fiat_ratio: float = 0.0
    starting_capital_fiat_pct: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitSummary:
    """What trading came to: `closed` of trades that are over, `all` with what is open; fiat is not converted to."""

    profit_closed_coin: float
    profit_closed_percent_mean: float
    profit_closed_ratio_mean: float
    profit_closed_percent_sum: float
    profit_closed_ratio_sum: float
    profit_closed_percent: float
    profit_closed_ratio: float
    profit_closed_fiat: float = 0.0
    profit_all_coin: float
    profit_all_percent_mean: float
    profit_all_ratio_mean: float
    profit_all_percent_sum: float
    profit_all_ratio_sum: float
    profit_all_percent: float
    profit_all_ratio: float
    profit_all_fiat: float = 0.0
    trade_count: int
    closed_trade_count: int
    first_trade_date: str
    first_trade_humanized: str
    first_trade_timestamp: int
    latest_trade_date: str
    latest_trade_humanized: str
    latest_trade_timestamp: int
    avg_duration: str
    best_pair: str
    best_rate: float
    best_pair_profit_ratio: float
    best_pair_profit_abs: float
    winning_trades: int
    losing_trades: int
    profit_factor: float | None
    winrate: float
    expectancy: float
    expectancy_ratio: float
    max_drawdown: float
    max_drawdown_abs: float
    max_drawdown_start: str = ""
    max_drawdown_start_timestamp: int = 0
    max_drawdown_end: str = ""
    max_drawdown_end_timestamp: int = 0
    trading_volume: float | None = None
    bot_start_timestamp: int = 0
    bot_start_date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConfig:
    """How an account is configured, as far as freqtrade has words for it; what it has no counterpart for is empty."""

    version: str
    api_version: float = API_VERSION
    dry_run: bool
    trading_mode: str
    short_allowed: bool
    stake_currency: str
    stake_amount: str = "unlimited"
    available_capital: float | None = None
    stake_currency_decimals: int = 2
    max_open_trades: int = -1
    minimal_roi: Mapping[str, float] = field(default_factory=dict)
    stoploss: float | None = None
    stoploss_on_exchange: bool = False
    trailing_stop: bool | None = None
    timeframe: str
    timeframe_ms: int
    timeframe_min: int
    exchange: str
    strategy: str
    force_entry_enable: bool = False
    exit_pricing: Mapping[str, str] = field(default_factory=dict)
    entry_pricing: Mapping[str, str] = field(default_factory=dict)
    bot_name: str
    state: str
    runmode: str
    position_adjustment_enable: bool = False
    max_entry_position_adjustment: int = 0


@dataclass(frozen=True, slots=True)
class LastProcess:
    """When the account was scanned last; None where it never was."""

    last_process: datetime | None
    last_process_ts: int | None
