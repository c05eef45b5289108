"""Runs the simulated venues in the foreground until Ctrl-C."""

import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import FrameType

from console.showing import print_json, print_line
from desk.accounts import RecordedFeed, load_fleet
from desk.adapters.feeds.opening import open_feed
from desk.adapters.settings import settings
from desk.errors import ConfigError
from desk.registry import nearest
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated

_ALL = "all"


def run_simulate(
    *, venues: Sequence[str], port: int, seed: int, speed: float | None, feed: str | None, as_json: bool
) -> int:
    """Start the venues, say where they are and with which keys, and wait; return 0 after Ctrl-C.

    Raises:
        ConfigError: there is no such venue, or no such feed, or the feed has no time of its own.
    """
    stop = _stop_on_signals()
    plan = Plan(venues=() if _ALL in venues else tuple(venues), port=port, seed=seed)
    plan = _played(plan, feed) if feed else plan
    with simulated(plan if speed is None else replace(plan, speed=speed)) as addresses:
        _announce(addresses, as_json=as_json)
        sys.stdout.flush()  # a program that reads the addresses waits for them
        stop.wait()
    return 0


def _played(plan: Plan, name: str) -> Plan:
    """The plan with a recorded market, which begins where the clock of the feed does."""
    fleet = load_fleet(settings().config)
    if name not in fleet.feeds:
        raise ConfigError(f"unknown feed '{name}'; {nearest(name, fleet.feeds)}")
    feed = fleet.feeds[name]
    if not isinstance(feed, RecordedFeed) or feed.clock is None:
        raise ConfigError(
            f"feed '{name}': expected a recorded feed with a clock, found one of kind {feed.kind} without"
        )
    market = open_feed(feed, fleet.directory)
    return replace(plan, feed=market, start=feed.clock.start, speed=float(feed.clock.speed))


def print_keys(*, as_json: bool) -> int:
    """Print the keys that the simulated venues know, as lines for `.env`, and return 0."""
    keys = {
        f"SIMULATOR_{name}_{part}".upper(): value
        for name, dialect in find_dialects().items()
        for part, value in dialect.VENUE.secrets.items()
    }
    if as_json:
        print_json(keys)
    for variable, value in {} if as_json else keys.items():
        escaped = value.replace("\n", "\\n")
        print_line(f'{variable}="{escaped}"')
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
