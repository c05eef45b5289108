"""What the outcome of a trial depends on besides the trial: two runs of the same identity have the same outcomes."""

import inspect
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import desk
from desk.backtest.validation.subjects import Subject
from desk.steps.surroundings import AROUND


def identity_of(subject: Subject) -> str:
    """Return the SHA-256 of candles, policy, conditions, calendar and code.

    A change of any line of the desk, or of a strategy of the operator's own, makes another identity.
    """
    digest = sha256()
    for part in _parts(subject):
        digest.update(f"{len(part)} {part}\n".encode())
    return digest.hexdigest()


def _parts(subject: Subject) -> Iterator[str]:
    policy, setting = subject.policy, subject.setting
    yield subject.history.identity
    yield repr(subject.history.quiet_for)
    yield repr(sorted(subject.history.instruments.items()))
    # The order of a set differs from process to process.
    yield repr((replace(policy, only_to_close=frozenset()), sorted(policy.only_to_close)))
    yield repr(subject.opening)
    start, end = subject.span
    yield repr((setting.currency, sorted(setting.rates.items()), setting.events(start - AROUND, end + AROUND)))
    yield _code()
    for weighted in policy.strategies:
        yield _digest(Path(inspect.getfile(type(weighted.strategy))))


@cache
def _code() -> str:
    root = Path(desk.__file__).parent
    return "".join(_digest(path) for path in sorted(root.rglob("*.py")))


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
