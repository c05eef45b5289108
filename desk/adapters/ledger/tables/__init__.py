"""The tables of the ledger; importing this package registers every table of the desk's database."""

from desk.adapters.ledger.tables.access import PersonRow, ReplyRow, SessionRow, TokenRow
from desk.adapters.ledger.tables.arms import ArmRow
from desk.adapters.ledger.tables.audit import AuditRow, FlatteningRow
from desk.adapters.ledger.tables.books import EquityRow, ExcursionRow, FillCursorRow, FillRow, PositionRow, TradeRow
from desk.adapters.ledger.tables.calls import CallBucketRow, CallPauseRow, CallUsageRow
from desk.adapters.ledger.tables.control import ConfigVersionRow, ControlRow, LeaseRow
from desk.adapters.ledger.tables.cycles import CycleRow, FindingRow, NoTradeRow, SignalRow, VerdictRow
from desk.adapters.ledger.tables.messages import DeliveryRow, MessageRow
from desk.adapters.ledger.tables.moves import TransferRow
from desk.adapters.ledger.tables.orders import OrderEventRow, OrderRow
from desk.adapters.ledger.tables.reconciling import AdjustmentRow, ExternalRow
from desk.adapters.ledger.tables.trips import TripRow
from desk.adapters.ledger.tables.universes import UniverseChoiceRow

__all__ = [
    "AdjustmentRow",
    "ArmRow",
    "AuditRow",
    "CallBucketRow",
    "CallPauseRow",
    "CallUsageRow",
    "ConfigVersionRow",
    "ControlRow",
    "CycleRow",
    "DeliveryRow",
    "EquityRow",
    "ExcursionRow",
    "ExternalRow",
    "FillCursorRow",
    "FillRow",
    "FindingRow",
    "FlatteningRow",
    "LeaseRow",
    "MessageRow",
    "NoTradeRow",
    "OrderEventRow",
    "OrderRow",
    "PersonRow",
    "PositionRow",
    "ReplyRow",
    "SessionRow",
    "SignalRow",
    "TokenRow",
    "TradeRow",
    "TransferRow",
    "TripRow",
    "UniverseChoiceRow",
    "VerdictRow",
]
