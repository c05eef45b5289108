"""Every reason for which the desk does not trade, or trades less: an enumerated code and its meaning."""

from enum import StrEnum


class Reason(StrEnum):
    """Why an instrument was passed over, or why a rule cut or refused a proposal."""

    NO_SIGNAL = "NO_SIGNAL"
    BELOW_THRESHOLD = "BELOW_THRESHOLD"
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
    TRADING_HALTED = "TRADING_HALTED"
    REDUCE_ONLY = "REDUCE_ONLY"
    TOTAL_EXPOSURE = "TOTAL_EXPOSURE"
    POSITION_SIZE = "POSITION_SIZE"
    NUMBER_OF_POSITIONS = "NUMBER_OF_POSITIONS"
    COOLDOWN = "COOLDOWN"
    BELOW_MINIMUM_SIZE = "BELOW_MINIMUM_SIZE"
    NO_RISK_BUDGET = "NO_RISK_BUDGET"

    @property
    def meaning(self) -> str:
        """One sentence for the person who asks why."""
        return _MEANINGS[self]


_MEANINGS = {
    Reason.NO_SIGNAL: "no strategy has an opinion on this candle",
    Reason.BELOW_THRESHOLD: "the combined score does not reach the entry threshold",
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
    Reason.TRADING_HALTED: "trading is halted",
    Reason.REDUCE_ONLY: "only trades that reduce a position are allowed",
    Reason.TOTAL_EXPOSURE: "the account's total exposure has reached its limit",
    Reason.POSITION_SIZE: "the position would be larger than its limit",
    Reason.NUMBER_OF_POSITIONS: "the account holds as many positions as it may",
    Reason.COOLDOWN: "the instrument was traded too recently",
    Reason.BELOW_MINIMUM_SIZE: "what is left is smaller than the venue's smallest order",
    Reason.NO_RISK_BUDGET: "sizing found no quantity within the risk per trade",
}
