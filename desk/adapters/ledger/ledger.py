"""The ledger: the durable record of every decision, order, fill and lease. Everything else reads it."""

from desk.adapters.ledger.books import Books
from desk.adapters.ledger.cycles import Cycles
from desk.adapters.ledger.digest import Digest
from desk.adapters.ledger.explaining import Explaining
from desk.adapters.ledger.leases import Leases
from desk.adapters.ledger.orders import Orders
from desk.adapters.ledger.reading import Reading


class Ledger(Cycles, Orders, Leases, Books, Reading, Explaining, Digest):
    """All parts of the ledger over one database; each part is in the module of its name."""
