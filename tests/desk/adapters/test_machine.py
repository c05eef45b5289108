"""How busy a machine is, from what Linux would tell of it."""

from pathlib import Path

import pytest

from desk.adapters.machine import MachineNotTold, memory_use, processor_loads

MEMORY = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\n"
BEFORE = "cpu  10 0 0 10 0 0 0 0 0 0\ncpu0 5 0 0 5 0 0 0 0 7 0\ncpu1 5 0 0 5 0 0 0 0 0 0\nintr 1\n"
AFTER = "cpu  20 0 0 20 0 0 0 0 0 0\ncpu0 7 0 1 6 0 0 0 0 9 0\ncpu1 5 0 0 10 5 0 0 0 0 0\ncpu2 1 0 0 1 0 0 0 0 0 0\n"


class Told:
    """A file that says something else the second time."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    def __truediv__(self, _name: str) -> "Told":
        return self

    def read_text(self, encoding: str) -> str:
        return self._texts.pop(0)


async def test_a_processor_is_as_busy_as_it_was_between_two_looks():
    proc = Told(BEFORE, AFTER)
    assert await processor_loads(proc, moment=0) == (0.75, 0)  # type: ignore[arg-type]


async def test_a_processor_that_did_nothing_between_two_looks_is_idle():
    assert await processor_loads(Told(BEFORE, BEFORE), moment=0) == (0, 0)  # type: ignore[arg-type]


def test_memory_that_could_be_had_is_not_used(tmp_path: Path):
    (tmp_path / "meminfo").write_text(MEMORY)
    assert memory_use(tmp_path) == 0.75


async def test_a_machine_that_is_no_linux_says_so(tmp_path: Path):
    with pytest.raises(MachineNotTold, match="expected how busy the machine is, found nothing"):
        memory_use(tmp_path)
    with pytest.raises(MachineNotTold, match="stat"):
        await processor_loads(tmp_path, moment=0)
