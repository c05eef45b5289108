"""Secrets come out of the environment whole, and none ends in a message."""

import pytest

from desk.adapters.keys import read_secrets
from desk.errors import ConfigError

PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\n-----END EC PRIVATE KEY-----"


def read(value: str) -> str:
    return read_secrets("connections.c", {"token": "TOKEN"}, {"TOKEN": value})["token"].get_secret_value()


@pytest.mark.parametrize("around", ["\r", "\n", " ", "\t", "\r\n", "\u00a0"])
def test_blanks_and_line_ends_around_a_secret_are_no_part_of_it(around):
    assert read(f"{around}canary{around}") == "canary"


@pytest.mark.parametrize("inside", ["\r", "\n", " ", "\t", "\x00", "\x7f", "\u200b", "\ufeff", "\u00a0"])
def test_what_no_key_has_in_it_is_refused_with_the_name_of_its_variable_only(inside):
    with pytest.raises(ConfigError, match=r"^connections\.c: expected a key in TOKEN, found one with a blank") as told:
        read(f"canary{inside}canary")
    assert "canary" not in str(told.value)


@pytest.mark.parametrize("pem", [PEM, PEM.replace("\n", "\r\n"), PEM.replace("\n", "\\n")])
def test_a_key_of_several_lines_keeps_them(pem):
    assert read(f"{pem}\n") == pem


def test_a_key_of_several_lines_has_no_other_control_characters():
    with pytest.raises(ConfigError, match="TOKEN"):
        read(PEM.replace("MH", "M\x00H"))


@pytest.mark.parametrize("value", ["", " ", "\r\n"])
def test_a_variable_with_nothing_in_it_is_missing(value):
    with pytest.raises(ConfigError, match="expected TOKEN in the environment or in"):
        read(value)
