"""Where the ledger is."""

from collections.abc import Callable, Sequence

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from desk.adapters.halting import HaltTriggers
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.model.arming import ArmNeed
from desk.model.books import Restriction


class LedgerBlock(Block):
    """The database that the desk writes every decision and order to."""

    _block_type_name = "Scandesk ledger"
    _block_type_slug = "scandesk-ledger"
    _description = "The database that the desk writes every decision and order to."

    url: SecretStr = Field(
        default_factory=lambda: SecretStr(settings().ledger_url),
        description="sqlite:///path/to/file.db or postgresql://user:password@host/name",
    )

    def open(
        self, *, needs: Callable[[], Sequence[ArmNeed]] = tuple, held_back: Callable[[], Sequence[Restriction]] = tuple
    ) -> Ledger:
        """Return the ledger; nothing is connected until it is first used, from one event loop.

        Args:
            needs: returns what accounts must be armed for.
            held_back: returns what accounts may not do for want of a configuration.
        """
        database = Database.open(self.url.get_secret_value())
        halts = HaltTriggers.of(settings())
        return Ledger(database, triggers=lambda: (*halts(), *held_back()), needs=needs)
