import socket

import pytest

from console.api.places import is_this_machine
from console.serving import address_of, link_of
from tests.console.conftest import Desk, Fill


def test_elsewhere_nothing_listens_before_somebody_has_a_password(desk: Desk, fill: Fill):
    said = desk("serve", "--host", "0.0.0.0", "--port", "0")
    assert (said.code, said.out) == (1, "")
    assert "expected a password before anything listens on 0.0.0.0" in said.err
    assert "desk password" in said.err


def test_without_a_ledger_nothing_is_served(desk: Desk):
    said = desk("serve", "--port", "0")
    assert (said.code, said.out) == (4, "")
    assert "run `desk up`" in said.err


def test_a_port_that_is_taken_is_said_before_a_link_is_printed(desk: Desk, fill: Fill):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = desk("serve", "--port", str(port))
    assert (said.code, said.out) == (1, "")
    assert f"expected to listen on port {port} of 127.0.0.1" in said.err
    assert "choose another port with --port; 0 takes a free one" in said.err


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("desk.example", False),
        ("", False),
    ],
)
def test_only_a_loopback_address_is_this_machine(host: str, is_here: bool):
    assert is_this_machine(host) is is_here


def test_addresses_and_links_are_those_that_a_browser_takes():
    assert address_of("127.0.0.1", 8710) == "http://127.0.0.1:8710"
    assert address_of("::1", 8710) == "http://[::1]:8710"
    assert link_of("http://127.0.0.1:8710", "a/b") == "http://127.0.0.1:8710/login?key=a/b"
