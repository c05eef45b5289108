"""Watched ports, the journal of their calls, and the call at which something happens."""

from pathlib import Path

import pytest

from drill.crashes.staging import Stage, Watched


class Port:
    """Has two calls and a plain value."""

    name = "sample"

    async def ask(self, what: str) -> str:
        return f"{what}!"

    async def tell(self) -> None:
        return None


class Happened(Exception):
    """Stands for the end of the process."""


async def happen() -> None:
    raise Happened


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def lines(journal: Path) -> list[str]:
    return journal.read_text().splitlines()


async def test_every_call_that_has_returned_is_written_down_with_its_number(journal: Path):
    port = Watched(Port(), Stage(journal, "", happen))

    assert await port.ask("who") == "who!"
    await port.tell()
    await port.ask("what")

    assert port.name == "sample"
    assert lines(journal) == ["ask#1", "tell#1", "ask#2"]


async def test_what_happens_after_a_call_finds_it_written_down(journal: Path):
    port = Watched(Port(), Stage(journal, "ask#2", happen))
    await port.ask("first")

    with pytest.raises(Happened):
        await port.ask("second")

    assert lines(journal) == ["ask#1", "ask#2"]


async def test_what_happens_before_a_call_keeps_it_from_being_made(journal: Path):
    port = Watched(Port(), Stage(journal, "", happen, before="ask#2"))
    await port.ask("first")

    with pytest.raises(Happened):
        await port.ask("second")

    assert lines(journal) == ["ask#1"]


async def test_each_scene_counts_anew(journal: Path):
    stage = Stage(journal, "close: ask#1", happen)
    port = Watched(Port(), stage)
    stage.begin("open")
    await port.ask("first")
    stage.end(1.5)
    stage.begin("close")

    with pytest.raises(Happened):
        await port.ask("again")

    assert lines(journal) == [
        *("open: begun", "open: ask#1", "open: ended after 1.500"),
        *("close: begun", "close: ask#1"),
    ]
