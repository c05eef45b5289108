import sqlite3
from contextlib import closing
from pathlib import Path

from console.databases import without_password
from desk.adapters.ledger.schema import HEAD
from tests.console.conftest import Desk, Fill
from tests.console.stories import traded


def test_a_new_database_gets_the_schema(desk: Desk, home: Path):
    said = desk("db", "upgrade")
    assert (said.code, said.out) == (0, f"sqlite:///{home / 'desk.db'}: schema none → {HEAD}\n")
    assert desk("status").code == 0


def test_upgrading_again_says_that_there_is_nothing_to_do(desk: Desk, fill: Fill):
    said = desk("db", "upgrade")
    assert said.out.endswith(f"schema {HEAD} is the newest, nothing to do\n")
    assert desk("db", "upgrade", "--json").json["before"] == HEAD


def test_json_says_from_where_to_where(desk: Desk, home: Path):
    assert desk("db", "upgrade", "--json").json == {
        "database": f"sqlite:///{home / 'desk.db'}",
        "before": None,
        "after": HEAD,
        "backup": None,
    }


def test_a_newer_database_is_left_alone(desk: Desk, home: Path, fill: Fill):
    fill(traded)
    with closing(sqlite3.connect(home / "desk.db")) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (("db", "upgrade"), ("status",), ("why", "sample")):
        said = desk(*words)
        assert (said.code, said.out) == (4, "")
        assert "the newer 9999; install the release of Scandesk that made it" in said.err


def test_a_password_in_the_address_is_not_printed(desk: Desk):
    said = desk("--database", "postgresql://me:canary@127.0.0.1:9/none", "status")
    assert said.code == 4
    assert "canary" not in said.out + said.err


def test_an_address_is_told_without_its_password():
    assert without_password("postgresql://me:canary@host/desk") == "postgresql://me:***@host/desk"
    assert without_password("sqlite:///var/desk.db") == "sqlite:///var/desk.db"


def test_an_address_of_another_kind_is_a_wrong_configuration(desk: Desk):
    said = desk("--database", "mysql://somewhere/x", "status")
    assert said.code == 3
    assert "expected sqlite:///path/to/file.db or postgresql://" in said.err
