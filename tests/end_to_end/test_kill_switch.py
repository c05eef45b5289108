"""The kill switch, pulled while orders are being sent: nothing that opens a position leaves after it.

Processes of their own send entries as fast as they can while `desk halt fleet` is typed. The ledger says when the halt
was in force, and each venue when an order reached it. A request that was being written at that moment still arrives: at
most one an account; one that was marked as on its way and waited is kept back. The suite halts once in each way;
`DESK_DRILL_HALTS=50 pytest -s tests/end_to_end/test_kill_switch.py` types it as often as it says, and prints how long
it took.
"""

import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack

import pytest

from console.halting import os_user
from desk.adapters.halting import HALT_FILE
from desk.model.reasons import Reason
from tests.end_to_end.installation import Site
from tests.end_to_end.live import LiveSite, live_site
from tests.end_to_end.switch import ACCOUNTS, SENDERS, Halt, Switch, sending

HALTS = int(os.environ.get("DESK_DRILL_HALTS", "1"))
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120 + 20 * HALTS)]

_LONGEST = 2.0
"""Seconds after which an order that was on its way has arrived, however busy the machine is."""


@pytest.fixture(scope="module")
def live(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    with live_site(site, tmp_path_factory.mktemp("switch") / "desk") as opened:
        yield opened


@pytest.fixture(scope="module")
def switch(live: LiveSite) -> Switch:
    return Switch(live)


@pytest.fixture(scope="module")
def fleet(live: LiveSite) -> Iterator[None]:
    """Entries that are sent all the time."""
    with ExitStack() as stack:
        for accounts in SENDERS:
            stack.enter_context(sending(live, *accounts))
        yield


@pytest.fixture
async def active(fleet: None, switch: Switch) -> AsyncIterator[None]:
    """Entries are sent, and after the test again."""
    yield
    (switch.site.home / HALT_FILE).unlink(missing_ok=True)
    await switch.resume()


async def test_no_entry_begins_to_leave_after_a_typed_halt(active: None, switch: Switch):
    halts = []
    for _ in range(HALTS):
        halts.append(await switch.halt(switch.type_halt))
        await switch.resume()

    _print("typed", halts)
    _say(f"  kept back after they were marked as on their way: {switch.kept_back()}")
    for halt in halts:
        _assert_obeyed(halt)
        assert halt.reasons == {f"{Reason.TRADING_HALTED}: drill (ordered by {os_user()})"}


async def test_no_entry_begins_to_leave_after_the_file_was_written(active: None, switch: Switch):
    file = switch.site.home / HALT_FILE
    written = file.with_suffix(".written")

    def write() -> float:
        written.write_text("drill")
        written.rename(file)  # whole at once: an empty file would be in force as well, without its reason
        return time.monotonic()

    halt = await switch.halt(write)

    _print("file", [halt])
    _assert_obeyed(halt)
    assert halt.reasons == {f"{Reason.TRADING_HALTED}: drill (ordered by the file {file.resolve()})"}


def test_a_process_that_is_started_with_the_variable_sends_no_entry(switch: Switch):
    with sending(switch.site, "oanda", rounds=3, DESK_HALT="drill") as sender:
        assert sender.wait(60) == 0, sender.log_tail()

    assert switch.reasons("oanda") == [f"{Reason.TRADING_HALTED}: drill (ordered by DESK_HALT)"] * 3
    assert switch.site.orders("oanda") == []


def _assert_obeyed(halt: Halt) -> None:
    assert halt.disobedient == []
    assert all(times <= 1 for times in halt.late.values()), halt.late
    assert halt.effect < _LONGEST


def _print(how: str, halts: Sequence[Halt]) -> None:
    entries, late = sum(len(halt.arrivals) for halt in halts), sum(halt.late.total() for halt in halts)
    _say(f"\n{how}: {len(halts)} halts of {len(ACCOUNTS)} accounts, {entries} entries, {late} being written at a halt")
    _say_times("from the command to being in force", [halt.in_force - halt.pulled for halt in halts])
    _say_times("from being in force to the last arrival", [halt.effect for halt in halts])
    _say_times("from the end of the command to it", [halt.in_force + halt.effect - halt.returned for halt in halts])


def _say_times(what: str, seconds: Sequence[float]) -> None:
    ordered = sorted(1000 * one for one in seconds)
    most = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
    _say(f"  {what}: p50 {ordered[len(ordered) // 2]:.0f} ms, p99 {most:.0f} ms")


def _say(line: str) -> None:
    print(line)  # noqa: T201 - the figures of the long run
