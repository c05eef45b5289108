"""The folder of the peers' scripts, which lies outside the project: which peers it knows, and which jobs each runs."""

import os
import re
import runpy
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desk.errors import ConfigError

VARIABLE = "DESK_PEERS"
_NEEDED = ("benchlib.py", "run.py", "setup_venvs.sh", "peers/floor.py")
_OF_EVERY_ENVIRONMENT = ("pandas", "pyarrow")
# It pins an older numpy, which the present pyarrow refuses.
_WITHOUT_PYARROW = "jesse"


@dataclass(frozen=True, slots=True)
class Job:
    """One process to run: a script, with what it is told.

    Attributes:
        peer: whose figure it is.
        environment: the virtual environment it runs in; None for the one that measures.
        script: the file.
        case: which data, as the folder's README names them.
        variant: which way of the peer; empty for its usual one.
        repetitions: runs inside the process; the first compiles and counts apart.
        rounds: at most so many processes in one measurement.
        timeout: seconds of CPU time after which the process is ended.
    """

    peer: str
    environment: str | None
    script: Path
    case: str
    variant: str
    repetitions: int
    rounds: int = 9
    timeout: float = 590.0


@dataclass(frozen=True, slots=True)
class Peers:
    """What a folder of peers offers.

    Attributes:
        folder: the copy.
        requirements: what pip installs for each environment.
        jobs: every job, in the order of the folder's own list.
    """

    folder: Path
    requirements: Mapping[str, tuple[str, ...]]
    jobs: tuple[Job, ...]


def open_peers(told: str | None, cache: Path) -> Peers:
    """Read the folder that was told, or that `DESK_PEERS` names, by way of a copy in the cache.

    The scripts run from the copy, because Python and numba write what they compile beside them.

    Raises:
        ConfigError: none was told, or it is not such a folder; says which file is missing.
    """
    name = told or os.environ.get(VARIABLE)
    if not name:
        raise ConfigError(
            "expected the folder of the peers' scripts, found none. It is not part of the project: "
            f"give it with --peers DIR or in {VARIABLE}"
        )
    folder = Path(name).resolve()
    missing = [part for part in _NEEDED if not (folder / part).is_file()]
    if missing:
        raise ConfigError(
            f"expected the peers' scripts in {folder}, found no {', '.join(missing)}. "
            f"Give the folder that holds them with --peers DIR or in {VARIABLE}"
        )
    copy = cache / "scripts"
    _copy(folder, copy)
    return Peers(copy, _requirements(copy), _jobs(copy))


def _copy(folder: Path, copy: Path) -> None:
    """With the times of the originals, by which what was compiled from them stays valid."""
    for file in folder.rglob("*"):
        if file.is_file() and file.parent.name != "__pycache__":
            target = copy / file.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(file, target)
            os.utime(target, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))


def _requirements(folder: Path) -> dict[str, tuple[str, ...]]:
    """As its setup script lists them: `[name]="requirement requirement"`, and what it adds to each."""
    listed = re.findall(r'^\s*\[(\w+)\]="([^"]+)"', (folder / "setup_venvs.sh").read_text(), re.MULTILINE)
    return {name: (*text.split(), *_additions(name)) for name, text in listed}


def _additions(name: str) -> tuple[str, ...]:
    return _OF_EVERY_ENVIRONMENT[:1] if name == _WITHOUT_PYARROW else _OF_EVERY_ENVIRONMENT


def _jobs(folder: Path) -> tuple[Job, ...]:
    listed = runpy.run_path(str(folder / "run.py"))["J"]
    return tuple(
        Job(
            peer=one["peer"],
            environment=one["venv"],
            script=folder / "peers" / one["script"],
            case=one["case"],
            variant=one["variant"],
            repetitions=one["reps"],
            rounds=one["rounds"],
            timeout=one["timeout"],
        )
        for one in listed
    )
