"""The report is one file that needs nothing else, has every section, and puts nothing in that was not escaped."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from desk.accounts import Fleet
from desk.adapters.backtests.records import Asked, Outcome, Run, record_of
from desk.adapters.backtests.report import writing
from desk.adapters.backtests.report.charts import chart_data
from desk.adapters.backtests.report.tables import months_table
from desk.adapters.backtests.running import carry_out, open_asked
from desk.adapters.configuration import read_fleet
from desk.backtest.journal import DatedTrip
from desk.errors import DataError
from desk.execution.breaker import Limit
from desk.model.books import TradingState

CONFIG = Path(__file__).parents[4] / "config"
START = datetime(2026, 3, 3, tzinfo=UTC)
HOSTILE = """</script><script>alert(1)</script><img src=x onerror='alert(2)'> "&{{ 7 * 7 }}"""
SECTIONS = ("equity", "market", "groups", "stood", "breaker", "trades", "made-from")


class Page(HTMLParser):
    """What a browser would see: elements that are open, ids, scripts, text, addresses."""

    EMPTY = ("meta", "link", "input", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.scripts: list[str] = []
        self.headings: list[str] = []
        self.words: list[str] = []
        self.targets: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.EMPTY:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")
        for name, value in attrs:
            self.ids |= {value} if name == "id" and value else set()
            self.targets += [value or ""] if name in ("src", "href") else []
            self.handlers += [name] if name.startswith("on") else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        elif self.open:
            self.words.append(data.strip())
            self.headings += [data] if self.open[-1] in ("h1", "h2", "h3") else []

    @property
    def data(self) -> dict:
        return json.loads(self.scripts[0])


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    fleet = read_fleet(CONFIG)
    spec = fleet.account("oanda-momentum").model_copy(update={"description": HOSTILE})
    return replace(fleet, accounts={**fleet.accounts, "oanda-momentum": spec})


def ran(fleet: Fleet, minutes: int) -> Outcome:
    asked = Asked("oanda-momentum", START, START + timedelta(minutes=minutes))
    return carry_out(asked, asyncio.run(open_asked(fleet, asked)))


def recorded(outcome: Outcome, fleet: Fleet) -> Run:
    return record_of(outcome, fleet, made_at=START, release="1.0", code="code")


@pytest.fixture(scope="module")
def outcome(fleet: Fleet) -> Outcome:
    return ran(fleet, 24 * 60)


@pytest.fixture(scope="module")
def text(outcome: Outcome, fleet: Fleet) -> str:
    return writing.page(recorded(outcome, fleet), outcome)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_section_is_there_and_every_element_is_closed(page: Page):
    assert page.open == []
    assert set(SECTIONS) <= page.ids
    for heading in ("By instrument", "By strategy", "By side", "By exit reason", "Largest drawdowns", "First trades"):
        assert heading in page.headings
    assert "POSITION_HELD" in page.words


def test_the_figures_are_those_of_the_terminal(page: Page, outcome: Outcome, fleet: Fleet):
    for one in recorded(outcome, fleet).headlines:
        assert one.value in page.words


def test_nothing_is_fetched(page: Page, text: str):
    assert all(target.startswith(("#", "data:")) for target in page.targets)
    assert "default-src 'none'" in text
    assert len(text) < 6_000_000


def test_a_hostile_description_is_text(page: Page, text: str):
    assert HOSTILE in page.words
    assert len(page.scripts) == 3
    assert page.handlers == []
    assert "<script>alert" not in text


def test_a_hostile_name_cannot_end_the_script_of_the_numbers(outcome: Outcome, fleet: Fleet):
    hostile = replace(outcome, rounds=tuple(replace(one, strategy=HOSTILE) for one in outcome.rounds))
    page = Page(writing.page(recorded(outcome, fleet), hostile))
    assert len(page.scripts) == 3
    columns = page.data["trades"]["columns"]
    assert page.data["trades"]["rows"][0][columns.index("strategy")] == HOSTILE


def test_the_charts_have_every_trade_and_the_last_equity(outcome: Outcome):
    data = json.loads(json.dumps(chart_data(outcome)))
    rows = data["trades"]["rows"]
    assert len(rows) == len(outcome.rounds) > 0
    assert len(rows[0]) == len(data["trades"]["columns"])
    assert data["equity"]["equity"][-1] == pytest.approx(outcome.result.equity[-1])
    assert sum(data["multiples"]["count"]) == sum(one.risk is not None for one in outcome.rounds)
    [market] = [one for one in data["markets"] if one["name"] == rows[0][data["trades"]["columns"].index("instrument")]]
    assert set(market["fine"]["time"]) <= set(market["candles"]["time"])
    assert market["candles"]["time"][0] == START.timestamp()


def test_a_month_stands_with_its_return_and_its_colour(outcome: Outcome):
    [row] = months_table(outcome.result).rows
    assert row[0].text == "2026"
    assert row[3].text == f"{outcome.figures.growth.total:+.4f}"
    assert abs(row[3].heat) == 0.6
    assert [one.text for one in row[4:-1]] == [""] * 9


def test_a_run_without_a_trade_has_a_report(fleet: Fleet):
    quiet = ran(fleet, 10)
    assert quiet.rounds == ()
    page = Page(writing.page(recorded(quiet, fleet), quiet))
    assert page.words.count("no trade was closed") >= 7
    assert page.data["multiples"] is None


def test_what_is_still_open_is_shown(fleet: Fleet, outcome: Outcome):
    first = outcome.rounds[0]
    held = ran(fleet, int((first.closed_at - START).total_seconds() // 60) - 5)
    assert held.result.open
    page = Page(writing.page(recorded(held, fleet), held))
    assert "nothing was open" not in page.words
    assert [one["open"]["side"] for one in page.data["markets"] if one["open"]]


def test_a_trip_that_only_a_person_ends_is_said_at_the_top(outcome: Outcome, fleet: Fleet):
    eight = (Limit.CONSECUTIVE_LOSSES, TradingState.REDUCE_ONLY, Decimal(8), Decimal(8), "8 trades have lost")
    lasting = DatedTrip(*eight, at=START + timedelta(hours=7))
    passing = replace(lasting, why="a bad day", until=START)
    tripped = replace(outcome, result=replace(outcome.result, trips=(lasting, passing)))
    text = writing.page(recorded(tripped, fleet), tripped)
    assert text.count("allowed to close only until the end: 8 trades have lost.") == 1
    assert "From 2026-03-03 07:00 UTC the account was allowed" in text
    assert "2026-03-03 07:00" in Page(text).words
    assert [one["at"] for one in recorded(tripped, fleet).trips] == ["2026-03-03T07:00:00+00:00"] * 2
    assert "until the end: a bad day" not in text
    assert {"8 trades have lost", "a bad day", "a person"} <= set(Page(text).words)


def test_the_command_that_was_asked_can_be_typed_again(outcome: Outcome, fleet: Fleet):
    told = writing.command_of(recorded(outcome, fleet))
    assert told == "desk backtest oanda-momentum --from 2026-03-03T00:00:00Z --to 2026-03-04T00:00:00Z"


def test_a_report_is_written_where_it_is_wanted_and_links_to_the_limitations(
    outcome: Outcome, fleet: Fleet, tmp_path: Path
):
    writing.write_report(tmp_path / "new" / "report.html", recorded(outcome, fleet), outcome)
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["report.html"]
    [link] = re.findall(r'href="([^"]*LIMITATIONS.md)"', (tmp_path / "new" / "report.html").read_text())
    assert (tmp_path / "new" / link).resolve() == CONFIG.parent / "LIMITATIONS.md"


def test_a_report_that_cannot_be_written_is_said(outcome: Outcome, fleet: Fleet, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file"):
        writing.write_report(tmp_path / "file" / "report.html", recorded(outcome, fleet), outcome)
