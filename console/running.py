"""Runs the whole installation in the foreground until Ctrl-C."""

import signal
import threading
from types import FrameType

from console.arming import find_unarmed
from console.installation import Installation, installed
from console.showing import print_json, print_line
from deployments.apply import describe
from deployments.plan import plan_fleet
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings


def run_up(*, port: int, as_json: bool) -> int:
    """Start everything, say where it is, and wait; return 0 after Ctrl-C, 1 when a part ended by itself."""
    chosen = settings()
    stop = _stop_on_signals()
    with installed(chosen, plan_fleet(read_fleet(chosen.config)), port=port) as running:
        _announce(running, as_json=as_json)
        while not stop.wait(0.5):
            if ended := _ended(running):
                print_line(ended)
                return 1
        print_line("Stopping: the worker finishes the scans that are running.")
    return 0


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def request(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, request)
    return stop


def _announce(running: Installation, *, as_json: bool) -> None:
    active = sum(account.active for account in running.fleet.accounts.values())
    unarmed = find_unarmed()
    if as_json:
        told = {"ui": running.server.ui_url, "api": running.server.api_url, "active_accounts": active}
        print_json({**told, "opens_nothing": unarmed})
        return
    print_line(describe(running.changes))
    print_line(f"{active} of {len(running.fleet.accounts)} accounts are scanned on their schedules.")
    for name, why in unarmed.items():
        print_line(f"{name} opens nothing: {why}")
    print_line(f"Prefect UI: {running.server.ui_url}")
    print_line(f"Logs:       {running.server.home}")
    print_line("In another terminal: desk status, desk why ACCOUNT. Ctrl-C ends everything.")


def _ended(running: Installation) -> str:
    """Say which part has ended by itself, with the end of its log."""
    for name, child in (("Prefect server", running.server.child), ("worker", running.worker)):
        if not child.is_running():
            return f"The {name} has ended by itself:\n{child.log_tail()}"
    return ""
