"""Starts the control room and the bot as child processes beside the Prefect server."""

import sys
from dataclasses import dataclass

from console.api.keys import new_key
from console.installation import desk_environment
from console.serving import LOGIN_KEY, address_of, link_of
from deployments.child import Child, start_child
from deployments.server import LOCAL, LocalServer, free_port
from desk.adapters.settings import Settings

_COMMAND = "from console.main import main; main()"


@dataclass(frozen=True, slots=True)
class ServedRoom:
    """A control room in a process of its own; `link` lets in once."""

    child: Child
    address: str
    link: str


def start_room(chosen: Settings, server: LocalServer, *, port: int) -> ServedRoom:
    """Start the control room; it answers after a few seconds.

    Args:
        chosen: the installation that it is for.
        server: whose runs its pages link to.
        port: 0 takes a free one.
    """
    port, key = port or free_port(), new_key()
    command = (sys.executable, "-P", "-c", _COMMAND, "serve", "--host", LOCAL, "--port", str(port))
    environment = {**server.environment, **desk_environment(chosen), LOGIN_KEY: key}
    child = start_child(command, environment=environment, directory=server.home, log=server.home / "dashboard.log")
    address = address_of(LOCAL, port)
    return ServedRoom(child, address, link_of(address, key))


def start_bot(chosen: Settings, server: LocalServer) -> Child:
    """Start the bot of an installation that has what one needs."""
    environment = {**server.environment, **desk_environment(chosen)}
    command = (sys.executable, "-P", "-c", _COMMAND, "bot")
    return start_child(command, environment=environment, directory=server.home, log=server.home / "bot.log")
