"""Every reason for which the desk does not trade, or trades less: an enumerated code and its meaning."""

from enum import StrEnum


class Reason(StrEnum):
    """Why an instrument was passed over, or why a rule cut or refused a proposal."""

    NO_SIGNAL = "NO_SIGNAL"
    BELOW_THRESHOLD = "BELOW_THRESHOLD"
    REGIME = "REGIME"
    OTHER_MARKET = "OTHER_MARKET"
    WARMING_UP = "WARMING_UP"
    POSITION_HELD = "POSITION_HELD"
    SHORT_NOT_AVAILABLE = "SHORT_NOT_AVAILABLE"
    STRATEGY_FAILED = "STRATEGY_FAILED"
    NO_DATA = "NO_DATA"
    MALFORMED_DATA = "MALFORMED_DATA"
    GAPPED_DATA = "GAPPED_DATA"
    STALE_DATA = "STALE_DATA"
    MARKET_CLOSED = "MARKET_CLOSED"
    NO_CONVERSION_RATE = "NO_CONVERSION_RATE"
    UNRESOLVED_ORDER = "UNRESOLVED_ORDER"
    EXTERNAL_POSITION = "EXTERNAL_POSITION"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    NOT_IN_UNIVERSE = "NOT_IN_UNIVERSE"
    DELISTED = "DELISTED"
    TRADING_HALTED = "TRADING_HALTED"
    REDUCE_ONLY = "REDUCE_ONLY"
    NOT_ARMED = "NOT_ARMED"
    NOT_KNOWN = "NOT_KNOWN"
    TOTAL_EXPOSURE = "TOTAL_EXPOSURE"
    POSITION_SIZE = "POSITION_SIZE"
    ALLOCATION = "ALLOCATION"
    NUMBER_OF_POSITIONS = "NUMBER_OF_POSITIONS"
    ORDER_NOTIONAL = "ORDER_NOTIONAL"
    ORDER_QUANTITY = "ORDER_QUANTITY"
    RISK_PER_TRADE = "RISK_PER_TRADE"
    NET_EXPOSURE = "NET_EXPOSURE"
    CURRENCY_EXPOSURE = "CURRENCY_EXPOSURE"
    CORRELATED_EXPOSURE = "CORRELATED_EXPOSURE"
    MARGIN = "MARGIN"
    LEVERAGE = "LEVERAGE"
    LIQUIDATION_DISTANCE = "LIQUIDATION_DISTANCE"
    FLEET_EXPOSURE = "FLEET_EXPOSURE"
    FLEET_LOSS = "FLEET_LOSS"
    DUPLICATE_IDEA = "DUPLICATE_IDEA"
    PRICE_COLLAR = "PRICE_COLLAR"
    LIQUIDITY = "LIQUIDITY"
    SPREAD = "SPREAD"
    UNUSUAL_SPREAD = "UNUSUAL_SPREAD"
    COOLDOWN = "COOLDOWN"
    COOLDOWN_AFTER_LOSS = "COOLDOWN_AFTER_LOSS"
    DAILY_LOSS = "DAILY_LOSS"
    DRAWDOWN = "DRAWDOWN"
    CONSECUTIVE_LOSSES = "CONSECUTIVE_LOSSES"
    LOW_PROFIT_LOCK = "LOW_PROFIT_LOCK"
    STOP_LOSS_GUARD = "STOP_LOSS_GUARD"
    TRADE_DRAWDOWN = "TRADE_DRAWDOWN"
    TRADES_PER_HOUR = "TRADES_PER_HOUR"
    ONE_ENTRY_PER_CANDLE = "ONE_ENTRY_PER_CANDLE"
    SESSION_HOURS = "SESSION_HOURS"
    EVENT_BLACKOUT = "EVENT_BLACKOUT"
    NEGATIVE_EXPECTED_VALUE = "NEGATIVE_EXPECTED_VALUE"
    UNSUPPORTED_CONTRACT = "UNSUPPORTED_CONTRACT"
    BELOW_MINIMUM_SIZE = "BELOW_MINIMUM_SIZE"
    NO_RISK_BUDGET = "NO_RISK_BUDGET"

    @property
    def meaning(self) -> str:
        """One sentence for the person who asks why."""
        return _MEANINGS[self]


_MEANINGS = {
    Reason.NO_SIGNAL: "no strategy has an opinion on this candle",
    Reason.BELOW_THRESHOLD: "the combined score does not reach the entry threshold",
    Reason.REGIME: "every strategy with an opinion is left out in the regime that the market is in",
    Reason.OTHER_MARKET: "the idea belongs to another market of the same asset",
    Reason.WARMING_UP: "the strategies have not seen enough candles yet",
    Reason.POSITION_HELD: "a position in this direction is open already",
    Reason.SHORT_NOT_AVAILABLE: "the instrument cannot be sold short at this venue",
    Reason.STRATEGY_FAILED: "a strategy raised an error",
    Reason.NO_DATA: "the venue gave no candles",
    Reason.MALFORMED_DATA: "the candles break a rule that every candle keeps",
    Reason.GAPPED_DATA: "too few candles, or a hole inside the look-back",
    Reason.STALE_DATA: "the newest closed candle or quote is too old",
    Reason.MARKET_CLOSED: "the market is closed",
    Reason.NO_CONVERSION_RATE: "no rate from the quote currency to the account's currency",
    Reason.UNRESOLVED_ORDER: "an earlier order on this instrument has no known outcome yet",
    Reason.EXTERNAL_POSITION: "what the venue holds is not what the desk's own orders add up to",
    Reason.NOT_CONFIGURED: "a position is held in an instrument that was taken out of the configuration",
    Reason.NOT_IN_UNIVERSE: "the universe of the account does not want the instrument: what is held is only closed",
    Reason.DELISTED: "what is held there is not listed any more and has no value: until it is gone nothing is opened",
    Reason.TRADING_HALTED: "trading is halted",
    Reason.REDUCE_ONLY: "only trades that reduce a position are allowed",
    Reason.NOT_ARMED: "the account may not open positions at its venue before a person arms it",
    Reason.NOT_KNOWN: "something that a rule needs is not known",
    Reason.TOTAL_EXPOSURE: "the account's total exposure has reached its limit",
    Reason.POSITION_SIZE: "the position would be larger than its limit",
    Reason.ALLOCATION: "the instrument, or its tier, has as much of the equity as is allocated to it",
    Reason.NUMBER_OF_POSITIONS: "the account holds as many positions as it may",
    Reason.ORDER_NOTIONAL: "the order would be worth more than one order may be",
    Reason.ORDER_QUANTITY: "the order would be larger than one order may be",
    Reason.RISK_PER_TRADE: "the trade would lose more at its stop than one trade may",
    Reason.NET_EXPOSURE: "what is long and what is short differ by as much as they may",
    Reason.CURRENCY_EXPOSURE: "the account holds or owes as much of a currency as it may",
    Reason.CORRELATED_EXPOSURE: "too much is held already of what moves with the instrument",
    Reason.MARGIN: "as much of the equity is tied up as may be",
    Reason.LEVERAGE: "the account's exposure is as large beside its equity as it may be",
    Reason.LIQUIDATION_DISTANCE: "the venue would close the position by force too near to its stop",
    Reason.FLEET_EXPOSURE: "the exposure of all accounts together has reached its limit",
    Reason.FLEET_LOSS: "all accounts together have lost as much today as they may",
    Reason.DUPLICATE_IDEA: "as many accounts of the fleet have the same idea as may have it",
    Reason.PRICE_COLLAR: "the price of the order is too far from the market's",
    Reason.LIQUIDITY: "the market is too thin for the order",
    Reason.SPREAD: "bid and ask are too far apart",
    Reason.UNUSUAL_SPREAD: "bid and ask are further apart than they usually are at this hour",
    Reason.COOLDOWN: "the instrument was traded too recently",
    Reason.COOLDOWN_AFTER_LOSS: "the instrument lost money too recently",
    Reason.DAILY_LOSS: "the account has lost as much today as it may",
    Reason.DRAWDOWN: "the account is as far below its highest equity as it may be",
    Reason.CONSECUTIVE_LOSSES: "the last trades of the account have all lost, and the pause after them is not over",
    Reason.LOW_PROFIT_LOCK: "its last trades brought too little, and the pause after them is not over",
    Reason.STOP_LOSS_GUARD: "too many trades ended at their stop, and the pause after them is not over",
    Reason.TRADE_DRAWDOWN: "the last trades have given back too much, and the pause after them is not over",
    Reason.TRADES_PER_HOUR: "as many trades were begun within the hour as may be",
    Reason.ONE_ENTRY_PER_CANDLE: "the instrument was entered on this candle already",
    Reason.SESSION_HOURS: "it is no time at which trades are opened",
    Reason.EVENT_BLACKOUT: "an event is near that concerns the instrument",
    Reason.NEGATIVE_EXPECTED_VALUE: "after costs the trade is expected to bring less than it must",
    Reason.UNSUPPORTED_CONTRACT: "the contract pays profit and loss in another currency than it is quoted in",
    Reason.BELOW_MINIMUM_SIZE: "what is left is smaller than the venue's smallest order",
    Reason.NO_RISK_BUDGET: "sizing found no quantity within the risk per trade",
}
