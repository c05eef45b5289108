"""The ledger: the durable record of every decision, order, fill and lease. Everything else reads it."""

from desk.adapters.ledger.access import Access
from desk.adapters.ledger.adjustments import Adjustments
from desk.adapters.ledger.arms import Arms
from desk.adapters.ledger.audit import Audit
from desk.adapters.ledger.books import Books
from desk.adapters.ledger.cash import Cash
from desk.adapters.ledger.controls import Controls
from desk.adapters.ledger.costs import Costs
from desk.adapters.ledger.curves import Curves
from desk.adapters.ledger.cycles import Cycles
from desk.adapters.ledger.digest import Digest
from desk.adapters.ledger.explaining import Explaining
from desk.adapters.ledger.failing import FailingScans
from desk.adapters.ledger.flattenings import Flattenings
from desk.adapters.ledger.fleet_views import FleetViews
from desk.adapters.ledger.leases import Leases
from desk.adapters.ledger.messages import Messages
from desk.adapters.ledger.moves import Moves
from desk.adapters.ledger.numbered_trades import NumberedTrades
from desk.adapters.ledger.orders import Orders
from desk.adapters.ledger.pages import Pages
from desk.adapters.ledger.quarantines import Quarantines
from desk.adapters.ledger.reading import Reading
from desk.adapters.ledger.records import Records
from desk.adapters.ledger.standings import Standings
from desk.adapters.ledger.tallies import Tallies
from desk.adapters.ledger.trade_fills import TradeFills
from desk.adapters.ledger.trade_lists import TradeLists
from desk.adapters.ledger.trips import Trips
from desk.adapters.ledger.universes import Universes
from desk.adapters.ledger.watching import Watching


class Ledger(
    Cycles,
    Orders,
    Leases,
    Controls,
    Quarantines,
    Trips,
    Arms,
    Flattenings,
    Audit,
    Access,
    Books,
    Adjustments,
    Cash,
    Moves,
    Messages,
    FailingScans,
    Costs,
    Reading,
    Pages,
    TradeLists,
    NumberedTrades,
    TradeFills,
    FleetViews,
    Curves,
    Records,
    Standings,
    Tallies,
    Universes,
    Explaining,
    Digest,
    Watching,
):
    """All parts of the ledger over one database; each part is in the module of its name."""
