"""Serves the control room: API and pages from one process, on this machine unless somebody has a password."""

import os
import socket
import sys
from urllib.parse import quote

from console.api.keys import new_key
from console.api.places import is_this_machine
from console.halting import os_user
from console.ledgers import ask
from console.showing import print_json, print_line
from desk.adapters.logs.keeping import DASHBOARD, keep_logs
from desk.adapters.settings import settings
from desk.errors import DeskError
from desk.model.access import Rights, Visitor

LOGIN_KEY = "DESK_LOGIN_KEY"
"""The variable in which `desk up` tells the key of the link that it prints itself."""

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_PREFECT = "http://127.0.0.1:4200"


class NotServed(DeskError):
    """The control room cannot listen where it should."""


def run_serve(*, host: str, port: int, as_json: bool) -> int:
    """Print the address and a link that lets in once, and serve until Ctrl-C.

    Raises:
        NotServed: the port is taken, or others could come in and nobody has a password.
        LedgerError: the ledger cannot be used.
    """
    _require_password(host)
    # Out of the environment at once, so that no child of this process has it.
    told, key = LOGIN_KEY in os.environ, os.environ.pop(LOGIN_KEY, "") or new_key()
    with _listening(host, port) as listener:
        address = address_of(host, listener.getsockname()[1])
        if not told:
            _announce(address, link_of(address, key), as_json=as_json)
        _serve(host, listener, key)
    return 0


def address_of(host: str, port: int) -> str:
    """Return where a browser finds what listens there."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def link_of(address: str, key: str) -> str:
    """Return the link that lets in once."""
    return f"{address}/login?key={quote(key)}"


def _serve(host: str, listener: socket.socket, key: str) -> None:
    # Imported late: what cannot be served is to be said at once.
    import uvicorn

    from console.api.app import create_app
    from console.api.room import Room
    from console.dashboard.pages import mount_pages

    hosts = _HERE | {host} if is_this_machine(host) else frozenset[str]()
    room = Room(settings(), owner=Visitor(os_user(), Rights.ADMIN), key=key, prefect=pages_of_prefect(), hosts=hosts)
    app = create_app(room)
    mount_pages(app, room)
    # Its log of requests would have the key of the link.
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on", timeout_graceful_shutdown=3)
    keep_logs(settings(), DASHBOARD, also=("uvicorn",))
    uvicorn.Server(config).run(sockets=[listener])


def _require_password(host: str) -> None:
    if not ask(lambda ledger: ledger.has_passwords()) and not is_this_machine(host):
        raise NotServed(
            f"expected a password before anything listens on {host}, where others can come in, found none; "
            "run `desk password`, or serve on 127.0.0.1"
        )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise NotServed(
            f"expected to listen on port {port} of {host}, found {error.strerror or error}; "
            "stop what listens there or choose another port with --port; 0 takes a free one"
        ) from error


def pages_of_prefect() -> str:
    """Return where Prefect's pages are: beside the API of the environment, or where `desk up` has them."""
    return os.environ.get("PREFECT_UI_URL") or os.environ.get("PREFECT_API_URL", "").removesuffix("/api") or _PREFECT


def _announce(address: str, link: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"address": address, "link": link})
    else:
        print_line(f"Dashboard: {address}")
        print_line(f"Log in:    {link}")
        print_line("The link lets in once, within an hour; `desk password` sets a password. Ctrl-C ends it.")
    sys.stdout.flush()  # whoever reads it from a pipe or a log must not wait until it is over
