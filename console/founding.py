"""Asks its way to a first fleet and writes its files; what is there already is never touched."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from console.failures import FAILED, NotUnderstood
from console.first_fleet import PLACES, TIMEFRAMES, FirstFleet, Way
from console.naming import unknown
from console.showing import print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.editing.reading import Files
from desk.adapters.placing import sync
from desk.adapters.settings import settings
from desk.errors import ConfigError
from desk.plugin import Strategy
from desk.registry import strategies

_STRATEGY = "momentum_trading"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the options of the command say already; None or nothing where it has to be asked."""

    venue: str | None = None
    way: str | None = None
    account: str | None = None
    account_id: str | None = None
    instruments: Sequence[str] = ()
    strategy: str | None = None
    every: str | None = None


def begin(answers: Answers, *, yes: bool, as_json: bool) -> int:
    """Ask what is not answered yet, or take what is usual, and write the files; return 1 where that was not agreed to.

    Args:
        answers: given already.
        yes: whether nobody is asked.
        as_json: whether a program reads what is printed.

    Raises:
        NotUnderstood: an answer names nothing there is, or there is nobody to ask.
        ConfigError: there is a configuration already, or the files could not be used; nothing is written.
    """
    if as_json and not yes:
        raise NotUnderstood("--json: expected --yes with it, for a program cannot be asked; nothing was written")
    folder = settings().config
    first = _answered(answers, _usual if yes else _ask)
    _require_none(folder, first.files)
    read_fleet(folder, instead=_instead(first.files))
    if not yes and not _is_agreed(first, folder):
        print_line("nothing was written")
        return FAILED
    _write(folder, first.files)
    if as_json:
        print_json(
            {"written": [str(folder / name) for name in first.files], "account": first.account, "keys": first.keys}
        )
    else:
        for line in _next_steps(first, folder):
            print_line(line)
    return 0


Ask = Callable[[str, Mapping[str, str], str], str]
"""Returns the answer to a question, from what may be answered with its meaning, and from what is usual."""


def _answered(answers: Answers, ask: Ask) -> FirstFleet:
    known = _strategies()
    venue = _one_of("a venue", answers.venue or ask("Venue", dict.fromkeys(PLACES, ""), "oanda"), PLACES)
    place, ways = PLACES[venue], {way.value: way.meaning for way in Way}
    way = Way(_one_of("a way", answers.way or ask("How much of it is real", ways, Way.MADE), ways))
    account_id = ""
    if place.needs_account_id and way is not Way.MADE:
        account_id = answers.account_id or ask(f"Account id at {venue}, such as 101-001-1234567-001", {}, "")
    instruments = answers.instruments or _listed(ask("Instruments", {}, ", ".join(place.instruments)))
    told = {name: strategy.summary() for name, strategy in known.items()}
    strategy = _one_of("a strategy", answers.strategy or ask("Strategy", told, _STRATEGY), known)
    usual = next((every for every, candles in TIMEFRAMES.items() if candles == known[strategy].usual_timeframe), "5m")
    every = _one_of("a length", answers.every or ask("Scanned every", dict.fromkeys(TIMEFRAMES, ""), usual), TIMEFRAMES)
    account = answers.account or ask("Name of the account", {}, f"{venue}-first")
    return FirstFleet(venue, way, account, tuple(instruments), strategy, every, account_id)


def _usual(_question: str, _choices: Mapping[str, str], usual: str) -> str:
    return usual


def _ask(question: str, choices: Mapping[str, str], usual: str) -> str:
    for choice, meaning in choices.items():
        print_line(f"  {choice}: {meaning}" if meaning else f"  {choice}")
    while True:
        answer = str(typer.prompt(question, default=usual or None)).strip()
        if not choices or answer in choices:
            return answer
        print_line(str(unknown("one of them", answer, choices)))


def _one_of(expected: str, name: str, known: Iterable[str]) -> str:
    if name not in known:
        raise unknown(expected, name, known)
    return name


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _strategies() -> Mapping[str, type[Strategy]]:
    settings()  # it finds the operator's own
    return strategies().discover()


def _instead(files: Files) -> Files:
    """What is read in place of the folder: the files that are to be written, and none of the others."""
    from desk.accounts.files import FILES

    return {**dict.fromkeys(FILES), **files}


def _require_none(folder: Path, files: Iterable[str]) -> None:
    there = [str(folder / name) for name in files if (folder / name).exists()]
    if there:
        raise ConfigError(
            f"expected a folder without a configuration, found {' and '.join(there)}; `desk accounts add` and "
            "`desk accounts clone` add to it, `--config` names another folder"
        )


def _is_agreed(first: FirstFleet, folder: Path) -> bool:
    for name, text in first.files.items():
        print_line(f"\n{folder / name}:\n{text}")
    return typer.confirm("Write that?")


def _write(folder: Path, files: Files) -> None:
    """Write new files; one that came to be meanwhile is left alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text or "")
                os.fsync(file.fileno())
        sync(folder)
    except OSError as error:
        raise ConfigError(f"{folder}: expected a folder that can be written, found {error.strerror}") from error


def _next_steps(first: FirstFleet, folder: Path) -> Iterator[str]:
    yield f"{' and '.join(str(folder / name) for name in first.files)}: written. What is next:"
    for key in first.keys:
        yield f"  desk credentials set {key}"
    if first.keys:
        yield f"  desk venues check {first.venue}"
    if first.way is Way.LIVE:
        yield f"  desk arm {first.account}"
    yield "  desk up"
