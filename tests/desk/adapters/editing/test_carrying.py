"""Changes are written whole, one after the other, and a process that dies anywhere leaves a configuration in force."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desk.accounts import load_fleet
from desk.accounts.editing.editing import Edit, Put, Remove
from desk.accounts.editing.paths import KeyPath
from desk.adapters.editing.accounts import to_clone, to_remove
from desk.adapters.editing.backups import backups
from desk.adapters.editing.carrying import carry_out
from desk.adapters.editing.proposing import FileChange, Proposal, propose, propose_text
from desk.adapters.editing.reading import read_files
from desk.errors import ConfigError, HalfWritten, LedgerError
from tests.builders import CLOSE

path = KeyPath.parse
ROOT = Path(__file__).resolve().parents[4]


def put(where: str, value: str, file: str = "accounts.yaml") -> tuple[str, Edit]:
    return file, Put(path(where), value)


def write(folder: Path, *edits: tuple[str, Edit], record: Callable[[FileChange], None] = lambda _: None) -> Proposal:
    return carry_out(folder, propose(folder, edits), record=record, at=CLOSE)


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yaml"))}


def test_a_change_is_written_with_a_backup_of_what_was_there(folder: Path):
    before = texts(folder)
    done = write(folder, put("accounts.fresh.timeframe", "H1"))
    assert load_fleet(folder).accounts["fresh"].timeframe == "H1"
    assert done.affected == ("fresh",)
    [backup] = backups(folder)
    assert (backup.file, backup.at, backup.path.read_text()) == ("accounts.yaml", CLOSE, before["accounts.yaml"])


def test_what_is_recorded_is_known_before_the_file_is_in_place(folder: Path):
    before, seen = texts(folder), []
    write(
        folder, put("accounts.fresh.timeframe", "H1"), record=lambda change: seen.append((texts(folder), change.told))
    )
    [(then, [told])] = seen
    assert then == before
    assert (told.subject, told.before, told.after) == ("accounts.fresh.timeframe", "", "H1")


def test_without_a_record_nothing_is_changed(folder: Path):
    def fails(_: FileChange) -> None:
        raise LedgerError("full")

    before = texts(folder)
    with pytest.raises(LedgerError):
        write(folder, put("accounts.fresh.timeframe", "H1"), record=fails)
    assert texts(folder) == before
    assert not list(folder.glob(".*.partial"))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (put("accounts.fresh.timefram", "H1"), "accounts.yaml:16: accounts.fresh.timefram: expected a known key"),
        (put("accounts.fresh.timefram", "H1"), "did you mean 'timeframe'?"),
        (put("accounts.frsh.timeframe", "H1"), "found 'frsh'; did you mean 'fresh'?"),
        (put("accounts.fresh.instruments", "[EUR/USB]"), "did you mean 'EUR/USD'?"),
        (put("policies.balanced.entry_score", "7", "policy.yaml"), "policy.yaml:4: policies.balanced.entry_score"),
        (("accounts.yaml", Remove(path("accounts.fresh.instruments"))), "accounts.fresh.instruments: expected"),
    ],
)
def test_what_could_not_be_used_is_told_and_not_written(folder: Path, edit: tuple[str, Edit], told: str):
    before = texts(folder)
    with pytest.raises(ConfigError) as refused:
        write(folder, edit)
    assert told in str(refused.value)
    assert texts(folder) == before
    assert backups(folder) == []


def test_a_broken_configuration_can_be_mended_and_not_be_made_worse(folder: Path):
    accounts = folder / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("timeframe", "x").replace("name: breakout", "name: brekout"))
    with pytest.raises(ConfigError, match="brekout"):
        write(folder, put("accounts.fresh.timeframe", "H1"))
    done = write(folder, put("accounts.fresh.strategies[0].name", "breakout"))
    assert done.before is None
    assert load_fleet(folder).accounts["fresh"].strategies[0].name == "breakout"


def test_permissions_and_links_stay(folder: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere.yaml"
    (folder / "accounts.yaml").rename(elsewhere)
    elsewhere.chmod(0o640)
    (folder / "accounts.yaml").symlink_to(elsewhere)
    write(folder, put("accounts.fresh.timeframe", "H1"))
    assert (folder / "accounts.yaml").is_symlink()
    assert elsewhere.stat().st_mode & 0o7777 == 0o640
    assert "timeframe: H1" in elsewhere.read_text()
    assert backups(folder)[0].path.stat().st_mode & 0o7777 == 0o640


def test_a_file_that_somebody_edits_by_hand_in_between_is_not_overwritten(folder: Path):
    by_hand = "# mine\n" + (folder / "accounts.yaml").read_text()
    with pytest.raises(ConfigError, match="expected the file as it was read"):
        write(
            folder,
            put("accounts.fresh.timeframe", "H1"),
            record=lambda _: bool((folder / "accounts.yaml").write_text(by_hand)),
        )
    assert (folder / "accounts.yaml").read_text() == by_hand


def test_what_is_not_as_a_person_has_seen_it_is_not_carried_out(folder: Path):
    edits = [put("accounts.fresh.timeframe", "H1")]
    seen = propose(folder, edits)
    write(folder, put("accounts.sample.timeframe", "H1"))
    with pytest.raises(ConfigError, match="as they were shown"):
        carry_out(folder, seen, record=lambda _: None, at=CLOSE)
    carry_out(folder, seen, record=lambda _: None, at=CLOSE, otherwise=lambda: propose(folder, edits))
    assert [load_fleet(folder).accounts[name].timeframe for name in ("fresh", "sample")] == ["H1", "H1"]


def test_files_that_belong_together_are_written_in_an_order_in_which_each_step_is_sound(folder: Path):
    overrides = "overrides:\n  fresh: {entry_score: 0.5}  # higher\n"
    with (folder / "policy.yaml").open("a") as file:
        file.write(overrides)

    def sound(_: FileChange) -> None:
        load_fleet(folder)

    cloned = write(folder, *to_clone(folder, "fresh", "fresh-2", {"timeframe": "H1"}), record=sound)
    assert [change.file for change in cloned.changes] == ["accounts.yaml", "policy.yaml"]
    fleet = load_fleet(folder)
    assert fleet.policies["fresh-2"].entry_score == fleet.policies["fresh"].entry_score
    removed = write(folder, *to_remove(folder, "fresh-2"), record=sound)
    assert [change.file for change in removed.changes] == ["policy.yaml", "accounts.yaml"]
    assert "fresh-2" not in "".join(texts(folder).values())


@pytest.fixture
def with_limits(folder: Path) -> Path:
    """The folder, with limits of its own for `fresh`: removing the account changes two files."""
    with (folder / "policy.yaml").open("a") as file:
        file.write("overrides:\n  fresh: {entry_score: 0.5}\n")
    return folder


def test_where_one_of_the_files_cannot_be_written_the_others_are_as_before(with_limits: Path):
    recorded: list[tuple[str, str, str]] = []

    def record(change: FileChange) -> None:
        if change.file == "accounts.yaml":
            raise LedgerError("full")
        recorded.extend((one.subject, one.before, one.after) for one in change.told)

    before = texts(with_limits)
    with pytest.raises(LedgerError, match="full"):
        write(with_limits, *to_remove(with_limits, "fresh"), record=record)
    assert texts(with_limits) == before
    limits = "{entry_score: 0.5}"
    assert recorded == [("overrides.fresh", limits, ""), ("overrides.fresh", "", limits)]


def test_a_file_that_there_was_not_is_gone_again_where_another_cannot_be_written(folder: Path):
    def record(change: FileChange) -> None:
        if change.file == "policy.yaml":
            raise LedgerError("full")

    (folder / "accounts.yaml").rename(folder.parent / "accounts.yaml")
    accounts = (folder.parent / "accounts.yaml").read_text()
    basis = {**read_files(folder)}
    both = [
        FileChange("accounts.yaml", None, accounts, ()),
        FileChange("policy.yaml", basis["policy.yaml"], "# x\n", ()),
    ]
    fleet = propose_text(folder, "accounts.yaml", accounts, told="a copy").after
    with pytest.raises(LedgerError, match="full"):
        carry_out(folder, Proposal(basis, tuple(both), None, fleet), record=record, at=CLOSE)
    assert read_files(folder) == basis


def test_what_cannot_be_put_back_is_told(with_limits: Path):
    def record(change: FileChange) -> None:
        if change.file == "accounts.yaml":
            (with_limits / "policy.yaml").write_text("# by hand\n")
            raise LedgerError("full")

    with pytest.raises(HalfWritten, match=r"full; policy\.yaml is written already, and could not be put back"):
        write(with_limits, *to_remove(with_limits, "fresh"), record=record)
    assert texts(with_limits)["policy.yaml"] == "# by hand\n"


def test_two_changes_that_need_each_other_are_written_in_one_file_at_once(folder: Path):
    write(folder, put("feeds.other", "{kind: synthetic, seed: 8}"), put("accounts.fresh.feed", "other"))
    assert load_fleet(folder).accounts["fresh"].feed == "other"


DYING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from desk.accounts.editing.editing import Put
from desk.accounts.editing.paths import KeyPath
from desk.adapters.editing import backups, carrying, replacing
from desk.adapters.editing.proposing import propose
from desk.adapters import placing

folder, WATCHED = Path(sys.argv[1]), {module.__file__ for module in (backups, carrying, replacing, placing)}
proposal = propose(folder, [("accounts.yaml", Put(KeyPath.parse("accounts.fresh.timeframe"), "H1"))])
first = (folder / "accounts.yaml").read_bytes()

def die_at(number):
    lines = iter(range(1, 10_000))
    def trace(frame, event, argument):
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line" and next(lines) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)

def write():
    carrying.carry_out(folder, proposal, record=lambda _: None, at=datetime(2026, 1, 14, tzinfo=UTC))

def whole(path):
    return path.read_bytes() in (first, proposal.changes[0].after.encode())

number, found = 0, []
while number < 1_000:
    number += 1
    child = os.fork()
    if not child:
        die_at(number)
        write()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    kept = sorted((folder / "backups").glob("[a-z]*.yaml"))
    is_written = (folder / "accounts.yaml").read_bytes() != first
    assert all(whole(path) for path in (folder / "accounts.yaml", *kept)), number
    assert kept or not is_written, number
    found.append(is_written)
    if not os.WIFSIGNALED(status):
        break
    if is_written:
        (folder / "accounts.yaml").write_bytes(first)
    for path in kept:
        path.unlink()
print(number, found.index(True), len(list(folder.glob(".*"))))
"""


def test_a_process_that_is_killed_at_any_line_leaves_a_whole_file_and_a_backup_of_what_it_replaced(folder: Path):
    ended = run(DYING, str(folder))
    lines, first_written, left = (int(each) for each in ended.split())
    assert lines > 40, "it was killed at each of the lines"
    assert 0 < first_written < lines
    assert left == 0, "whoever writes next removes what the killed ones have left"
    assert load_fleet(folder).accounts["fresh"].timeframe == "H1"


WRITING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from desk.accounts.editing.editing import Put
from desk.accounts.editing.paths import KeyPath
from desk.adapters.editing.carrying import carry_out
from desk.adapters.editing.proposing import propose

folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for number in range(count):
    edits = [("accounts.yaml", Put(KeyPath.parse(f"fleet_rates.{name}{'ABCDEFGH'[number]}"), "1"))]
    proposing = lambda: propose(folder, edits)
    now = datetime(2026, 1, 14, tzinfo=UTC)
    carry_out(folder, proposing(), record=lambda _: None, at=now, otherwise=proposing)
"""


def test_two_processes_that_write_at_once_lose_no_change(folder: Path):
    writers = [start(WRITING, str(folder), name, "4") for name in ("XX", "YY")]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
    assert sorted(load_fleet(folder).rates) == [f"{name}{letter}" for name in ("XX", "YY") for letter in "ABCD"]


def start(code: str, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(code: str, *words: str) -> str:
    process = start(code, *words)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return printed


def test_a_killed_writer_does_not_keep_others_out(folder: Path):
    holding = "import sys, time; from pathlib import Path\n"
    holding += "from desk.adapters.editing.replacing import one_writer\n"
    holding += "with one_writer(Path(sys.argv[1])):\n    print('in', flush=True)\n    time.sleep(60)\n"
    holder = start(holding, str(folder))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "in\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    write(folder, put("accounts.fresh.timeframe", "H1"))
    assert "timeframe: H1" in texts(folder)["accounts.yaml"]
