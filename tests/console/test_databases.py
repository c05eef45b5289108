import io
import re
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


def test_a_backup_has_the_time_in_its_name_and_is_sound(desk: Desk, home: Path, fill: Fill):
    fill(traded)
    said = desk("db", "backup", "--json").json
    path = Path(said["backup"])
    assert path.parent == home / "backups"
    assert re.fullmatch(r"desk-\d{8}T\d{6}Z\.db", path.name)
    assert (said["bytes"], said["deleted"]) == (path.stat().st_size, [])
    checked = desk("db", "verify", str(path), "--json")
    assert (checked.code, checked.json["is_sound"]) == (0, True)
    assert path.stat().st_size == said["bytes"]
    assert desk("db", "verify", str(path)).out.endswith("every rule holds\n")


def test_a_backup_goes_where_it_is_told_to(desk: Desk, home: Path, fill: Fill):
    said = desk("db", "backup", "--to", "here.db")
    assert said.out.startswith(f"here.db: schema {HEAD}, ")
    assert (home / "here.db").exists()
    assert desk("db", "backup", "--to", "here.db").code == 4


def test_only_so_many_backups_are_kept(desk: Desk, home: Path, fill: Fill):
    folder = home / "backups"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"desk-2026010{day}T000000Z.db").touch()
    said = desk("db", "backup", "--keep", "2")
    assert said.out.endswith("; deleted desk-20260101T000000Z.db, desk-20260102T000000Z.db\n")
    assert len(list(folder.glob("desk-*.db"))) == 2
    assert desk("db", "backup", "--keep", "2", "--to", "x.db").code == 2


def test_without_a_ledger_there_is_nothing_to_back_up_or_verify(desk: Desk, home: Path):
    for command in ("backup", "verify"):
        said = desk("db", command)
        assert said.code == 4
        assert "expected the ledger, found no file" in said.err
    assert not (home / "desk.db").exists()


def test_a_broken_rule_is_named_and_the_exit_code_is_1(desk: Desk, home: Path, fill: Fill):
    fill(traded)
    with closing(sqlite3.connect(home / "desk.db")) as opened, opened:
        opened.execute("UPDATE position SET quantity = '101'")
    said = desk("db", "verify")
    assert said.code == 1
    assert "positions are what the fills give: sample: position EUR/USD: expected the quantity 100" in said.out
    assert said.out.endswith("1 rule does not hold\n")
    (broken,) = [check for check in desk("db", "verify", "--json").json["checks"] if check["bad"]]
    assert broken["rule"] == "positions are what the fills give"


def test_a_restored_ledger_is_as_it_was_and_the_present_one_is_kept(desk: Desk, home: Path, fill: Fill):
    desk("db", "backup", "--to", "empty.db")
    fill(traded)
    said = desk("db", "restore", "empty.db", "--yes")
    assert said.code == 0
    (kept,) = home.glob("desk.db.before-restore-*")
    assert said.out.endswith(f"restored from empty.db, schema {HEAD}; the ledger as it was is {kept}\n")
    assert _cycles(home) == 0
    assert desk("db", "restore", str(kept), "--yes", "--json").json["upgrade"] is False
    assert _cycles(home) == 1


def test_an_older_backup_asks_for_an_upgrade(desk: Desk, home: Path, fill: Fill):
    with closing(sqlite3.connect(home / "desk.db")) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '0001'")
    (home / "desk.db").rename(home / "old.db")
    said = desk("db", "restore", "old.db", "--yes")
    assert said.out.endswith("schema 0001; run `desk db upgrade`\n")


def test_nothing_is_restored_unless_somebody_agrees(desk: Desk, home: Path, fill: Fill, monkeypatch):
    desk("db", "backup", "--to", "empty.db")
    fill(traded)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    said = desk("db", "restore", "empty.db")
    assert said.code == 1
    assert said.out.endswith("nothing was changed\n")
    assert desk("db", "restore", "empty.db", "--json").code == 2
    assert _cycles(home) == 1


def _cycles(home: Path) -> int:
    with closing(sqlite3.connect(home / "desk.db")) as opened:
        (count,) = opened.execute("SELECT count(*) FROM cycle").fetchone()
    return int(count)
