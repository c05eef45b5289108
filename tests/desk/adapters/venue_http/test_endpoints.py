"""Endpoints are counted under few names, in which there is never an id."""

import ast
import re
from pathlib import Path

import pytest

import desk.adapters.venues
from desk.adapters.venue_http.endpoints import endpoint_of

STREAMING = {"streams", "stream_wire", "topics", "channels"}
"""Modules whose paths are topics and addresses of WebSockets, which are not counted."""
VERSIONS = {"", "api", "fapi", "brokerage", "v1", "v2", "v3", "v4"}


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("GET", "/v3/accounts/101-001-1234567-001/candles/latest", "GET accounts/candles/latest"),
        ("PUT", "/v3/accounts/101-001-1234567-001/orders/@sd-secret/cancel", "PUT accounts/orders/cancel"),
        ("GET", "/api/v3/brokerage/market/products/BTC-USD/candles", "GET market/products/candles"),
        ("GET", "/api/v1/hf/orders/client-order/abcdef", "GET hf/orders/client-order"),
        ("POST", "/fapi/v1/order", "POST order"),
        ("GET", "/somewhere/else", "GET other"),
    ],
)
def test_only_known_words_of_a_path_are_kept(method, path, endpoint):
    assert endpoint_of(method, path) == endpoint


def literal_paths():
    """Every path that an adapter has written out, its variable parts as `{}`."""
    for file in Path(desk.adapters.venues.__path__[0]).rglob("*.py"):
        if file.stem in STREAMING:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            text = _text(node)
            if re.fullmatch(r"(/[A-Za-z{][A-Za-z0-9_{}-]*)+", text):
                yield text


def _text(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_word_in_the_paths_of_the_adapters_is_known():
    paths = set(literal_paths())
    assert len(paths) > 30
    words = {word for path in paths for word in path.split("/") if "{" not in word} - VERSIONS
    unknown = [word for word in sorted(words) if endpoint_of("GET", f"/{word}") != f"GET {word}"]
    assert not unknown, f"add them to desk/adapters/venue_http/endpoints.py: {unknown}"
