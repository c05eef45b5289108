"""The tables of the ledger; importing this package registers every table of the desk's database."""

from desk.adapters.ledger.tables.books import EquityRow, FillCursorRow, FillRow, PositionRow, TradeRow
from desk.adapters.ledger.tables.calls import CallBucketRow, CallPauseRow, CallUsageRow
from desk.adapters.ledger.tables.control import ConfigVersionRow, ControlRow, LeaseRow
from desk.adapters.ledger.tables.cycles import CycleRow, FindingRow, NoTradeRow, SignalRow, VerdictRow
from desk.adapters.ledger.tables.orders import OrderEventRow, OrderRow

__all__ = [
    "CallBucketRow",
    "CallPauseRow",
    "CallUsageRow",
    "ConfigVersionRow",
    "ControlRow",
    "CycleRow",
    "EquityRow",
    "FillCursorRow",
    "FillRow",
    "FindingRow",
    "LeaseRow",
    "NoTradeRow",
    "OrderEventRow",
    "OrderRow",
    "PositionRow",
    "SignalRow",
    "TradeRow",
    "VerdictRow",
]
