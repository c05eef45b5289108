import asyncio
import io

import pytest

from console.api.passwords import is_password
from console.services.opening import FleetFiles, open_ledger
from desk.adapters.settings import settings
from desk.model.access import Rights
from tests.console.conftest import Desk, Fill

PASSWORD = "correct horse battery"


def test_a_key_is_printed_once_and_listed_without_itself(desk: Desk, fill: Fill):
    made = desk("tokens", "create", "grafana", "--rights", "trade", "--json").json
    assert (made["name"], made["rights"]) == ("grafana", "trade")
    assert made["token"].startswith("desk_")
    listed = desk("tokens", "list")
    assert "grafana" in listed.out
    assert "trade" in listed.out
    assert made["token"] not in listed.out
    assert desk("tokens", "list", "--json").json[0].keys() == {"name", "rights", "by", "since"}


def test_a_key_reads_and_no_more_unless_it_is_said(desk: Desk, fill: Fill):
    assert desk("tokens", "create", "grafana", "--json").json["rights"] == "read"


def test_a_name_is_free_again_when_its_key_is_revoked(desk: Desk, fill: Fill):
    desk("tokens", "create", "grafana")
    again = desk("tokens", "create", "grafana")
    assert (again.code, again.out) == (2, "")
    assert "desk tokens revoke grafana" in again.err
    assert desk("tokens", "revoke", "grafana").code == 0
    assert desk("tokens", "list").out == "no tokens\n"
    assert desk("tokens", "create", "grafana").code == 0


def test_a_key_that_there_is_not_cannot_be_revoked(desk: Desk, fill: Fill):
    desk("tokens", "create", "grafana")
    said = desk("tokens", "revoke", "grafanna")
    assert said.code == 2
    assert "grafana" in said.err


@pytest.mark.parametrize("name", ["", "two\nlines", " "])
def test_a_name_that_cannot_be_told_is_refused(desk: Desk, fill: Fill, name: str):
    assert desk("tokens", "create", name).code == 2


def test_a_password_is_read_from_a_pipe_and_kept_as_a_hash(desk: Desk, fill: Fill, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    said = desk("password", "ben", "--rights", "read")
    assert said.code == 0
    assert PASSWORD not in said.out + said.err

    async def look() -> tuple[str, Rights] | None:
        async with open_ledger(settings(), FleetFiles(settings()).in_force) as ledger:
            return await ledger.password_of("ben")

    found = asyncio.run(look())
    assert found is not None
    hashed, rights = found
    assert (hashed[:10], rights) == ("$argon2id$", Rights.READ)
    assert asyncio.run(is_password(PASSWORD, hashed))


def test_a_password_that_is_too_short_is_refused_and_not_repeated(
    desk: Desk, fill: Fill, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.stdin", io.StringIO("swordfish\n"))
    said = desk("password", "ben")
    assert (said.code, said.out) == (2, "")
    assert "expected a password of 12 characters or more, found 9" in said.err
    assert "swordfish" not in said.err
