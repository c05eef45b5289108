"""Runs the whole installation in the foreground until Ctrl-C."""

import signal
import threading
from types import FrameType

from console.arming import find_unarmed
from console.beside import ServedRoom, start_room
from console.installation import Installation, installed
from console.showing import print_json, print_line
from deployments.apply import describe
from deployments.plan import plan_fleet
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings


def run_up(*, port: int, dashboard: int, as_json: bool) -> int:
    """Start everything, say where it is, and wait; return 0 after Ctrl-C, 1 when a part ended by itself.

    Trading goes on without the dashboard.
    """
    chosen = settings()
    stop = _stop_on_signals()
    with installed(chosen, plan_fleet(read_fleet(chosen.config)), port=port) as running:
        room = start_room(chosen, running.server, port=dashboard)
        with room.child:
            _announce(running, room, as_json=as_json)
            if ended := _wait(running, room, stop):
                print_line(ended)
                return 1
        print_line("Stopping: the worker finishes the scans that are running.")
    return 0


def _wait(running: Installation, room: ServedRoom, stop: threading.Event) -> str:
    """Wait for a signal, and say what has ended before one came; empty where nothing has."""
    was_there = True
    while not stop.wait(0.5):
        if ended := _ended(running):
            return ended
        if was_there and not room.child.is_running():
            was_there = False
            print_line(f"The dashboard has ended by itself, trading goes on:\n{room.child.log_tail()}")
    return ""


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def request(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, request)
    return stop


def _announce(running: Installation, room: ServedRoom, *, as_json: bool) -> None:
    active = sum(account.active for account in running.fleet.accounts.values())
    unarmed = find_unarmed()
    if as_json:
        told = {"ui": running.server.ui_url, "api": running.server.api_url, "active_accounts": active}
        print_json({**told, "opens_nothing": unarmed, "dashboard": room.address, "login": room.link})
        return
    print_line(describe(running.changes))
    print_line(f"{active} of {len(running.fleet.accounts)} accounts are scanned on their schedules.")
    for name, why in unarmed.items():
        print_line(f"{name} opens nothing: {why}")
    print_line(f"Dashboard:  {room.link} (lets in once; {room.address} afterwards)")
    print_line(f"Prefect UI: {running.server.ui_url}")
    print_line(f"Logs:       desk logs --follow, and {running.server.home}")
    print_line("In another terminal: desk status, desk why ACCOUNT. Ctrl-C ends everything.")


def _ended(running: Installation) -> str:
    """Say which part has ended by itself, with the end of its log."""
    for name, child in (("Prefect server", running.server.child), ("worker", running.worker)):
        if not child.is_running():
            return f"The {name} has ended by itself:\n{child.log_tail()}"
    return ""
