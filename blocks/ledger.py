"""Where the ledger is."""

from collections.abc import Callable, Sequence

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from desk.adapters.halting import HaltTriggers
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.model.arming import ArmNeed


class LedgerBlock(Block):
    """The database that the desk writes every decision and order to."""

    _block_type_name = "Scandesk ledger"
    _block_type_slug = "scandesk-ledger"
    _description = "The database that the desk writes every decision and order to."

    url: SecretStr = Field(
        default_factory=lambda: SecretStr(settings().ledger_url),
        description="sqlite:///path/to/file.db or postgresql://user:password@host/name",
    )

    def open(self, *, needs: Callable[[], Sequence[ArmNeed]] = tuple) -> Ledger:
        """Return the ledger; nothing is connected until it is first used, from one event loop.

        Args:
            needs: returns what accounts must be armed for.
        """
        database = Database.open(self.url.get_secret_value())
        return Ledger(database, triggers=HaltTriggers.of(settings()), needs=needs)
