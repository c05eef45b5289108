"""Runs the whole installation in the foreground until Ctrl-C."""

import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import FrameType

from console.arming import find_unarmed
from console.beside import ServedRoom, kept_bot
from console.botting import why_no_bot
from console.installation import Installation, installed
from console.kept import Kept
from console.services.in_force import InForce, find_in_force
from console.showing import print_json, print_line
from deployments.apply import describe
from deployments.plan import plan_fleet
from deployments.settings import USUAL_PORT, api_url
from desk.adapters.logs.keeping import keep_logs
from desk.adapters.settings import Settings, settings
from desk.errors import ConfigError


def run_up(*, port: int, dashboard: int, bot: bool | None, as_json: bool) -> int:
    """Start everything, say where it is, and wait; return 0 after Ctrl-C, 1 when a part ended by itself.

    Trading goes on without the dashboard and without the bot, which are started again when they end, and by the
    configuration before this one while the files cannot be used.

    Args:
        port: of the Prefect server.
        dashboard: its port.
        bot: whether to start the bot; None for where it has a token.
        as_json: print the addresses for a program.

    Raises:
        ConfigError: the files cannot be used, and nothing was in force before; or a bot is wanted, and lacks something.
    """
    chosen = settings()
    in_force, has_bot = find_in_force(chosen), _has_bot(chosen, wanted=bot)
    if in_force.problem:
        sys.stderr.write(told_of(in_force))
    stop = _stop_on_signals()
    if not as_json:
        print_line("Starting a Prefect server, the worker and the dashboard; the first start takes half a minute.")
        sys.stdout.flush()
    with installed(chosen, plan_fleet(in_force.fleet), port=port) as running, ExitStack() as besides:
        room = ServedRoom(chosen, running.server, port=dashboard)
        kept = [besides.enter_context(room.kept())]
        if has_bot:
            kept.append(besides.enter_context(kept_bot(chosen, running.server)))
        _announce(running, room, as_json=as_json)
        keep_logs(chosen)
        if ended := _wait(running, kept, stop):
            print_line(ended)
            return 1
        print_line("Stopping: the worker finishes the scans that are running.")
        sys.stdout.flush()
    return 0


def told_of(in_force: InForce) -> str:
    """Return what a person has to know who starts a desk whose files cannot be used."""
    return (
        f"{in_force.problem}\nThe configuration cannot be used; the one before it is started, and live accounts open "
        "nothing. Mend the files, or take the last change back with `desk config restore`; scans then go by them.\n"
    )


def _has_bot(chosen: Settings, *, wanted: bool | None) -> bool:
    """Whether a bot is to be started: one that is not asked for may lack what it needs."""
    missing = why_no_bot(chosen)
    if wanted and missing:
        raise ConfigError(missing)
    return not missing if wanted is None else wanted


def _wait(running: Installation, besides: Sequence[Kept], stop: threading.Event) -> str:
    """Wait for a signal, and say what has ended before one came; empty where nothing has that trading needs."""
    while not stop.wait(0.5):
        if ended := _ended(running):
            return ended
        for kept in besides:
            if told := kept.look():
                print_line(told)
                sys.stdout.flush()  # whoever reads it from a pipe must not wait until it is over
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
    else:
        _tell(running, room, active, unarmed)
    sys.stdout.flush()  # whoever reads it from a pipe or a log must not wait until it is over


def _tell(running: Installation, room: ServedRoom, active: int, unarmed: Mapping[str, str]) -> None:
    print_line(describe(running.changes))
    print_line(f"{active} of {len(running.fleet.accounts)} accounts are scanned on their schedules.")
    for name, why in unarmed.items():
        print_line(f"{name} opens nothing: {why}")
    print_line(f"Dashboard:  {room.link} (lets in once; {room.address} afterwards)")
    print_line(f"Prefect UI: {running.server.ui_url}")
    print_line(f"Logs:       desk logs --follow, and {running.server.home}")
    print_line("In another terminal: desk status, desk why ACCOUNT. Ctrl-C ends everything.")
    if running.server.api_url != api_url(USUAL_PORT):
        print_line(f"There, for what changes deployments: export PREFECT_API_URL={running.server.api_url}")


def _ended(running: Installation) -> str:
    """Say which part has ended by itself, with the end of its log."""
    for name, child in (("Prefect server", running.server.child), ("worker", running.worker)):
        if not child.is_running():
            return f"The {name} has ended by itself:\n{child.log_tail()}"
    return ""
