"""What is quoted of a venue's words has no key in it."""

import pytest

from desk.adapters.venue_http.quoting import masked, quoted

KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"listenKey":"{KEY}"}}',
        f'{{"listenKey": "{KEY[:60]}',
        '{"data":{"token":"2neAi.canary/x"}}',
        '{\\"token\\": \\"canary\\"}',
        "GET /order?symbol=BTCUSDT&signature=canary&timestamp=1",
        "Authorization: Bearer canary",
        f"no account for {KEY}",
        "KC-API-PASSPHRASE: canary",
        "api_key=canary; secret=canary",
    ],
)
def test_what_looks_like_a_key_is_left_out(text):
    said = masked(text)
    assert "canary" not in said
    assert KEY[:20] not in said
    assert "…" in said


@pytest.mark.parametrize(
    "text",
    [
        "Insufficient balance for order sd-0123456789abcdef0123456789abcdef",
        "token expired",
        "<html>502 Bad Gateway</html>",
        '{"code":-1102,"msg":"Mandatory parameter \'symbol\' was not sent."}',
    ],
)
def test_everything_else_is_left_as_it_is(text):
    assert masked(text) == text


def test_a_key_that_is_cut_is_left_out_before_it_is_cut():
    assert quoted(f"{'.' * 180}{KEY}".encode()) == "." * 180 + "…"
    assert quoted(b"\xff" + b"." * 300) == "\N{REPLACEMENT CHARACTER}" + "." * 199
