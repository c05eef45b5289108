"""One virtual environment for each peer, outside the project, made once and kept."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from console.showing import print_line


def default_cache() -> Path:
    """Where environments, made data and results are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scandesk-peers"


def python_of(cache: Path, name: str) -> Path:
    """The interpreter of an environment, whether it is there or not."""
    return cache / "venvs" / name / "bin" / "python"


def set_up(cache: Path, requirements: Mapping[str, Sequence[str]], names: Sequence[str]) -> list[str]:
    """Make the environments that are not there yet, and return the names of those that could not be made.

    A peer that does not install is left out of the table, and said to be; the others are measured all the same.
    """
    return [name for name in names if not _made(cache / "venvs" / name, requirements[name])]


def clean_environment() -> dict[str, str]:
    """What a measured process is given: ours, without what would keep it from bytecode or lead it to our modules."""
    unwanted = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
    return {name: value for name, value in os.environ.items() if name not in unwanted}


def _made(folder: Path, requirements: Sequence[str]) -> bool:
    stamp, wanted = folder / ".installed", "\n".join(requirements)
    if stamp.is_file() and stamp.read_text() == wanted:
        return True
    print_line(f"Installing {folder.name}: {' '.join(requirements)}")
    log = folder.with_suffix(".log")
    folder.parent.mkdir(parents=True, exist_ok=True)
    commands = (
        [sys.executable, "-m", "venv", str(folder)],
        # Compiled here: a first start that compiles would be measured as the peer's own.
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--compile", *requirements],
    )
    with log.open("w") as output:
        for command in commands:
            done = subprocess.run(command, stdout=output, stderr=output, env=clean_environment(), check=False)
            if done.returncode:
                print_line(f"{folder.name} could not be installed; {log} says why")
                return False
    stamp.write_text(wanted)
    return True
