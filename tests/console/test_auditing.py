"""The audit from the command line: what was done by whom, and whether anybody changed it since."""

import sqlite3
from pathlib import Path

import pytest

from console.halting import os_user
from desk.adapters.checkpoints import CHECKPOINT_FILE


@pytest.fixture
def told(desk, fill):
    """Three rows, one of another person."""
    desk("halt", "fleet", "--why", "news")
    desk("resume", "fleet", "--as", "ana")
    desk("reduce", "account:sample")


def change(home: Path, statement: str) -> None:
    with sqlite3.connect(home / "desk.db") as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.usefixtures("told")
def test_every_change_is_listed_with_the_user_who_made_it(desk):
    rows = desk("audit", "--json").json
    assert [(row["who"], row["action"], row["subject"]) for row in rows] == [
        (os_user(), "halted", "fleet"),
        ("ana", "active", "fleet"),
        (os_user(), "reduce_only", "account:sample"),
    ]
    assert "before active; why news" in desk("audit").out
    assert [row["row"] for row in desk("audit", "--newest", "2", "--json").json] == [2, 3]


@pytest.mark.usefixtures("fill")
def test_an_audit_without_rows_is_whole_and_says_so(desk):
    assert desk("audit").out == desk("audit", "verify").out == "nothing was done yet that the audit keeps\n"


@pytest.mark.usefixtures("told")
def test_a_chain_that_is_whole_is_kept_as_a_checkpoint(desk, home):
    ended = desk("audit", "verify", "--json")
    assert (ended.code, ended.json["rows"], ended.json["first_bad"]) == (0, 3, None)
    assert (home / CHECKPOINT_FILE).read_text() == f"3 {ended.json['head']}\n"
    assert desk("audit", "verify").out.startswith("3 rows, all as they were written. Head: 3 ")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE audit SET who = 'ana' WHERE sequence = 1", 1),
        ("DELETE FROM audit WHERE sequence = 2", 2),
        ("DELETE FROM audit WHERE sequence = 3", 3),
        ("UPDATE audit SET sequence = CASE sequence WHEN 2 THEN -3 ELSE -2 END WHERE sequence > 1", 1),
        ("""INSERT INTO audit SELECT 4, at, who, action, subject, detail, hash, 'c0ffee' FROM audit LIMIT 1""", 4),
    ],
    ids=["edited", "deleted", "cut off", "moved", "inserted"],
)
def test_the_first_bad_row_is_named_and_the_checkpoint_stays(desk, home, statement, row):
    desk("audit", "verify")
    before = (home / CHECKPOINT_FILE).read_text()
    change(home, statement)
    ended = desk("audit", "verify", "--json")
    assert (ended.code, ended.json["first_bad"]["sequence"]) == (1, row)
    assert desk("audit", "verify").out.startswith(f"row {row} of the audit: it ")
    assert (home / CHECKPOINT_FILE).read_text() == before
