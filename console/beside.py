"""Starts the control room and the bot as child processes beside the Prefect server, and again when they end."""

import sys

from console.api.keys import new_key
from console.installation import desk_environment
from console.kept import Kept
from console.serving import LOGIN_KEY, address_of, link_of
from deployments.child import Child, start_child
from deployments.server import LOCAL, LocalServer, free_port
from desk.adapters.settings import Settings

_COMMAND = "from console.main import main; main()"


class ServedRoom:
    """The control room in a process of its own; it answers a few seconds after its start.

    Attributes:
        address: where it is, also when it is started again.
        link: lets in once.
    """

    def __init__(self, chosen: Settings, server: LocalServer, *, port: int) -> None:
        """Start nothing yet.

        Args:
            chosen: the installation that it is for.
            server: whose runs its pages link to.
            port: 0 takes a free one.
        """
        self._chosen, self._server, self._port, self._key = chosen, server, port or free_port(), new_key()
        self.address = address_of(LOCAL, self._port)

    @property
    def link(self) -> str:
        """What lets in once, into the newest process."""
        return link_of(self.address, self._key)

    def kept(self) -> Kept:
        """Start it, and return what keeps it there."""
        return Kept("dashboard", self._start, renew=self._renew)

    def _start(self) -> Child:
        command = (*_desk("serve"), "--host", LOCAL, "--port", str(self._port))
        environment = {**_environment(self._chosen, self._server), LOGIN_KEY: self._key}
        home = self._server.home
        return start_child(command, environment=environment, directory=home, log=home / "dashboard.log")

    def _renew(self) -> str:
        # The link that was printed may have been used, and a new process would not know it.
        self._key = new_key()
        return f" ({self.link} lets in once)"


def kept_bot(chosen: Settings, server: LocalServer) -> Kept:
    """Start the bot of an installation that has what one needs, and return what keeps it there."""
    environment, home = _environment(chosen, server), server.home
    return Kept(
        "bot",
        lambda: start_child(_desk("bot"), environment=environment, directory=home, log=home / "bot.log"),
    )


def _desk(command: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-c", _COMMAND, command)


def _environment(chosen: Settings, server: LocalServer) -> dict[str, str]:
    return {**server.environment, **desk_environment(chosen)}
