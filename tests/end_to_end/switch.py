"""The kill switch as a test sees it: a fleet that sends entries without a pause, what stops it, and what arrived."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

from deployments.child import Child, start_child
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import TradingState
from tests.end_to_end.installation import Site, eventually
from tests.end_to_end.live import LiveSite

SENDERS = (("aster", "coinbase"), ("kucoin",))
"""The accounts that entries are sent in, by the process that sends them; coins are traded at the week-end, too."""
ACCOUNTS = [name for names in SENDERS for name in names]
QUANTITY = "0.001"
DESK = ("-c", "from console.main import main; main()")
_UNDER_WAY = 5
"""How many entries of each account have arrived since the last halt, before the next one."""
_ARRIVED = 0.5
"""Seconds to wait for what may be on its way, after entries of every account were refused."""


@dataclass(frozen=True)
class Halt:
    """What one halt did; seconds of the machine's monotonic clock.

    Attributes:
        pulled: when the command was typed, or the file written.
        in_force: when the ledger had it, or the file was there; of the ledger the moment before the commit.
        returned: when the command had ended.
        arrivals: account, name and time of each entry that came to a venue since the halt before.
        began: when the ledger knew of each of them that it was on its way.
        reasons: why entries were not sent, in the ledger's words.
    """

    pulled: float
    in_force: float
    returned: float
    arrivals: Sequence[tuple[str, str, float]]
    began: dict[str, float]
    reasons: set[str]

    @property
    def late(self) -> Counter[str]:
        """How many entries of each account arrived after the halt was in force."""
        return Counter(account for account, _, at in self.arrivals if at > self.in_force)

    @property
    def disobedient(self) -> list[str]:
        """The entries that were begun after the halt was in force."""
        return [name for _, name, _ in self.arrivals if self.began[name] > self.in_force]

    @property
    def effect(self) -> float:
        """Seconds from the halt being in force until the last entry had arrived."""
        return max(0.0, *(at - self.in_force for _, _, at in self.arrivals))


class Switch:
    """The fleet, and ways to stop it."""

    def __init__(self, site: LiveSite) -> None:
        self.site = site
        self._arrived: set[str] = set()
        self._refused: set[str] = set()

    async def halt(self, pull: Callable[[], float]) -> Halt:
        """Stop the fleet in the middle of sending, and wait until everything that was on its way has arrived.

        Args:
            pull: stops it, and gives the time from which on that is in force.
        """
        await eventually(self._is_sending)
        pulled = time.monotonic()
        in_force = await asyncio.to_thread(pull)
        returned = time.monotonic()
        reasons = await eventually(self._all_refused)
        await asyncio.sleep(_ARRIVED)
        arrivals = self._arrivals()
        names = {name for _, name, _ in arrivals}
        self._arrived |= names
        return Halt(pulled, in_force, returned, arrivals, self._began(names), reasons)

    def type_halt(self) -> float:
        """Type `desk halt fleet`; return when it was in force."""
        done = type_desk(self.site, "halt", "fleet", "--why", "drill")
        assert done.returncode == 0, done.stderr
        return self._in_force()

    async def resume(self) -> None:
        """Let the fleet trade again."""
        ledger = Ledger(Database.open(self.site.ledger_url))
        await ledger.set_trading_state("fleet", TradingState.ACTIVE, who="test", why="")
        await ledger.close()
        self._refused = {name for name, _, _ in self._refusals()}

    def reasons(self, account: str) -> list[str]:
        """Return why entries of an account were not sent, in the ledger's words."""
        return [why for _, name, why in self._refusals() if name == account]

    def kept_back(self) -> int:
        """Return how many entries were marked as on their way and did not leave, since the fleet was halted."""
        [(times,)] = self._rows("select count(*) from order_event where detail like '%[HALTED]%'")
        return times  # type: ignore[no-any-return]

    async def _is_sending(self) -> bool:
        arrived = Counter(account for account, _, _ in self._arrivals())
        return min(arrived[account] for account in ACCOUNTS) >= _UNDER_WAY

    async def _all_refused(self) -> set[str] | None:
        """Why entries were refused since the fleet was resumed, once some of every account were."""
        fresh = [(account, why) for name, account, why in self._refusals() if name not in self._refused]
        return {why for _, why in fresh} if {account for account, _ in fresh} == set(ACCOUNTS) else None

    def _arrivals(self) -> list[tuple[str, str, float]]:
        return [
            (account, one["client_id"], one["noted"])
            for account in ACCOUNTS
            for one in self.site.orders(account)
            if one["client_id"] not in self._arrived
        ]

    def _refusals(self) -> list[tuple[str, str, str]]:
        return self._rows("""select client_order_id, account, reason from "order" where state = 'cancelled'""")

    def _began(self, names: set[str]) -> dict[str, float]:
        events = self._rows("select client_order_id, at from order_event where state = 'sending'")
        return {name: monotonic_of(at) for name, at in events if name in names}

    def _in_force(self) -> float:
        [(at,)] = self._rows("select at from audit where action = 'halted' order by sequence desc limit 1")
        return monotonic_of(at)

    def _rows(self, question: str) -> list[tuple]:
        with closing(sqlite3.connect(self.site.home / "desk.db")) as ledger:
            return ledger.execute(question).fetchall()


def type_desk(site: Site, *words: str, program: Sequence[str] = DESK) -> subprocess.CompletedProcess[str]:
    """Type a command, as a user does."""
    return subprocess.run(
        [sys.executable, *program, *words],
        env=site.environment,
        cwd=site.home,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def monotonic_of(written: str) -> float:
    """Return a time that the ledger has written down on the clock by which the venues note arrivals."""
    return datetime.fromisoformat(written).timestamp() - time.time() + time.monotonic()


@contextmanager
def sending(site: LiveSite, *accounts: str, rounds: int = 0, **more: str) -> Iterator[Child]:
    """Start a process that sends entries, and end it with the context.

    Args:
        site: whose accounts.
        accounts: all at once.
        rounds: how many entries in each; 0 for as long as the context lasts.
        more: what else its environment has.
    """
    command = [sys.executable, "-m", "tests.end_to_end.sender", str(rounds), QUANTITY, *accounts]
    log = site.home / f"sender-{'-'.join(accounts)}.log"
    child = start_child(command, environment={**site.environment, **more}, directory=site.home, log=log)
    try:
        yield child
    finally:
        child.stop()
