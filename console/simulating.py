"""Runs the simulated venues in the foreground until Ctrl-C."""

import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from console.showing import print_json, print_line
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated

_ALL = "all"


def run_simulate(*, venues: Sequence[str], port: int, seed: int, speed: float, as_json: bool) -> int:
    """Start the venues, say where they are and with which keys, and wait; return 0 after Ctrl-C."""
    stop = _stop_on_signals()
    wanted = () if _ALL in venues else tuple(venues)
    with simulated(Plan(venues=wanted, port=port, seed=seed, speed=speed)) as addresses:
        _announce(addresses, as_json=as_json)
        sys.stdout.flush()  # a program that reads the addresses waits for them
        stop.wait()
    return 0


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def request(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, request)
    return stop


def _announce(addresses: Addresses, *, as_json: bool) -> None:
    rules = {name: dialect.VENUE for name, dialect in find_dialects(tuple(addresses.venues)).items()}
    if as_json:
        told = {
            name: {"url": url, "account": rules[name].account, "secrets": dict(rules[name].secrets)}
            for name, url in addresses.venues.items()
        }
        print_json({"admin": addresses.admin, "venues": told})
        return
    for name, url in addresses.venues.items():
        print_line(f"{name}: {url}")
        print_line(f"    account {rules[name].account}")
        for key, value in rules[name].secrets.items():
            print_line(f"    {key} {value}")
    print_line(f"admin: {addresses.admin}")
    print_line("The keys are made up and the same everywhere. Ctrl-C ends everything.")
