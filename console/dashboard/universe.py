"""What an account chose to trade, by which figures, and why the others were left out: on its page, and as a page."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.live import ACCOUNTS, Live
from console.dashboard.parts import (
    QUIET,
    Cell,
    account_path,
    chart_path,
    choices,
    empty,
    field,
    link,
    words,
)
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.failures import NothingRecorded
from console.services.opening import OpenDesk
from console.services.universe import universe_choice
from console.times import format_minute, parse_time
from desk.universe.choosing import Choice, Place, Standing

_FIGURES = ("Turnover of a day", "Spread", "Days traded")
_MEMBERS = ("Instrument", "Chosen by", *_FIGURES)
_LEFT_OUT = ("Instrument", "Why", *_FIGURES, "Detail")
_WORDS: Mapping[str, str] = {
    Place.EXCLUDED: "excluded",
    Place.NOT_LISTED: "not listed",
    Place.NO_QUOTE: "no price",
    Place.SPREAD: "spread too wide",
    Place.NOT_LOOKED_AT: "not looked at",
    Place.NOT_KNOWN: "figures not known",
    Place.AGE: "too new",
    Place.TURNOVER: "turnover too small",
    Place.RANK: "ranked too low",
}
_ROWS, _DIGITS = 100, 6


async def newest_choice(desk: OpenDesk, account: str) -> Choice | None:
    """Return the newest choice of an account; None where it has chosen nothing."""
    try:
        return await universe_choice(desk, account)
    except NothingRecorded:
        return None


def show_choice(account: str, universe: str, choice: Choice | None) -> None:
    """Put the members of a choice on the page, and how many were left out for what, with the way to them."""
    words("h2", "Universe").props["id"] = "universe"
    if choice is None:
        empty(f"Nothing was chosen from {universe} yet; the first scan chooses.")
        return
    _caption(choice)
    _table_of_members(choice)
    left_out = [one.place for one in choice.standings if not one.place.is_in]
    if left_out:
        with ui.element("p").classes("badges"):
            words("span", f"{len(left_out)} left out:", QUIET)
            for place, count in Counter(left_out).most_common():
                link(f"{_WORDS[place]} ({count})", _path(account, why=place))
            link("all", _path(account))


async def show(visit: Visit, account: str) -> None:
    """Build the page of the universe of an account for one browser."""
    room, wanted = visit.room, _Wanted.of(visit.asked)

    async def read() -> Choice | str:
        try:
            return await universe_choice(room.desk, account, parse_time(wanted.at) if wanted.at else None)
        except NothingRecorded as nothing:
            return str(nothing)

    with frame(room, visit.visitor, ("Fleet", "/"), (account, account_path(account)), ("Universe", "")):
        with ui.element("div").classes("heading"):
            words("h1", f"Universe of {account}")
        with ui.element("form").classes("filters").props("method=get") as form:
            form.props["action"] = _path(account)
            choices("Left out because", "why", _WORDS, wanted.why, shown_as=_WORDS)
            field("Instrument", "instrument", wanted.instrument)
            field("As of", "at", wanted.at)
            with ui.element("div").classes("choice"):
                words("button", "Show", "plain").props("type=submit")
                link("Reset", _path(account))
        await Live(room, visit.visitor, read, lambda found: _show(found, wanted)).begin(ACCOUNTS)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which of those that were left out are shown, from which on; and of which choice."""

    why: str = ""
    instrument: str = ""
    at: str = ""
    first: int = 0

    @staticmethod
    def of(asked: Mapping[str, str]) -> "_Wanted":
        after = asked.get("after", "")
        first = int(after) if after.isascii() and after.isdigit() and len(after) < _DIGITS else 0
        return _Wanted(asked.get("why", ""), asked.get("instrument", ""), asked.get("at", ""), first)

    @property
    def is_narrow(self) -> bool:
        """Whether only some of those that were left out are asked for."""
        return bool(self.why or self.instrument or self.first)

    def fits(self, one: Standing) -> bool:
        is_named = self.instrument.upper() in one.instrument.upper()
        return not one.place.is_in and is_named and (not self.why or one.place == self.why)

    def next_path(self, account: str) -> str:
        after = str(self.first + _ROWS)
        return _path(account, why=self.why, instrument=self.instrument, at=self.at, after=after)


def _path(account: str, **asked: str) -> str:
    query = urlencode({name: text for name, text in asked.items() if text})
    return f"{account_path(account)}/universe{f'?{query}' if query else ''}"


def _show(choice: Choice | str, wanted: _Wanted) -> None:
    """Show what was chosen, or say why there is nothing."""
    if isinstance(choice, str):
        empty(choice)
        return
    _caption(choice)
    if not wanted.is_narrow:
        _table_of_members(choice)
    words("h2", "Left out")
    found = [one for one in choice.standings if wanted.fits(one)]
    shown = found[wanted.first : wanted.first + _ROWS]
    otherwise = "Nothing was left out for that." if wanted.is_narrow else "Nothing was left out."
    table(_LEFT_OUT, [_left_out(one) for one in shown], otherwise=otherwise, classes="dense")
    if len(found) > wanted.first + _ROWS:
        link(f"The next of {len(found)}", wanted.next_path(choice.account))


def _caption(choice: Choice) -> None:
    count = sum(one.place.is_in for one in choice.standings)
    told = f"{choice.universe}: {count} of {len(choice.standings)} instruments, chosen at the candle of "
    words("p", f"{told}{format_minute(choice.candle_close)} UTC. What is held stays until it is closed.", QUIET)


def _table_of_members(choice: Choice) -> None:
    rows = [_member(choice.account, one) for one in choice.standings if one.place.is_in]
    table(_MEMBERS, rows, otherwise="Nothing fitted, so nothing is opened.")


def _member(account: str, one: Standing) -> tuple[Cell, ...]:
    return (Cell(one.instrument, link=chart_path(account, one.instrument)), Cell(one.detail), *_figures(one))


def _left_out(one: Standing) -> tuple[Cell, ...]:
    return (Cell(one.instrument), Cell("", QUIET, badge=_WORDS[one.place]), *_figures(one), Cell(one.detail))


def _figures(one: Standing) -> tuple[Cell, Cell, Cell]:
    return (
        Cell("" if one.turnover is None else f"{one.turnover:,.0f}"),
        Cell("" if one.spread_bps is None else f"{one.spread_bps:.2f} bps"),
        Cell("" if one.age_days is None else str(one.age_days)),
    )
