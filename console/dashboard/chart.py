"""The page of a chart: candles of an instrument of an account, what was done there, and what a strategy saw."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.legend import LINE, Entry, hidden, show_legend
from console.dashboard.live import EVERY, Live
from console.dashboard.panes import axes, below, colour_of, explain, grids, height_of, legends, over, panes_of, say
from console.dashboard.parts import (
    CAREFUL,
    GOOD,
    QUIET,
    Cell,
    account_path,
    choices,
    cycle_path,
    empty,
    field,
    link,
    words,
)
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.charting import Bars, Chart, ChartWanted, Mark, MarkKind, StopLine, chart
from console.services.figures import Figures, words_for
from console.services.seeing import strategies_of
from console.services.telling import direction
from console.times import format_minute, parse_time
from desk.accounts import Fleet
from desk.model.figures import SameDigits
from desk.model.instrument import Side
from desk.model.timeframe import Timeframe

_PATH = "/chart"
_KINDS = {MarkKind.ENTRY: GOOD, MarkKind.EXIT: QUIET, MarkKind.REFUSED: CAREFUL}
_HEADINGS = ("At", "What", "Side", "Price", "Why", "Cycle")
# Colours that can be read on white and on black: the browser may change between them at any time.
_GREY, _UP, _DOWN, _BLUE, _AMBER = "#8b95a3", "#2aa568", "#d9534a", "#2f81f7", "#d08a1d"
_LINES = {
    "entry": (_BLUE, "insideStartTop"),
    "stop": (_DOWN, "insideMiddleTop"),
    "target": (_UP, "insideEndTop"),
}
"""Colour and place of the words: side by side, so that they can be read where two prices are close."""
_AVERAGES = {20: "#8f6bd1", 50: "#2a9fb0"}
_WITH_AVERAGES = f"EMA {' and '.join(map(str, _AVERAGES))}"
_SEEN = 120
"""Candles that are in sight before somebody moves the chart."""
_MARKED = (
    Entry("Long", "▲", _UP),
    Entry("Short", "▼", _DOWN),
    Entry("Exit", "◆", _BLUE),
    Entry("Refused", "●", _AMBER),
)
"""As `_marks` draws them."""
_VALUES = Path(__file__).with_name("hovered.js").read_text(encoding="utf-8")
_ASIDE = "(at, rows, box, place, size) => ({top: 28, [at[0] < size.viewSize[0] / 2 ? 'right' : 'left']: 70})"
_TOP, _HEIGHT, _LABELS, _SLIDER = 12, 340, 22, 44
"""In pixels, from above: room, the candles, their times, the slider."""


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room, fleet = visit.room, visit.room.files.current()
    asked = {"account": next(iter(fleet.accounts), ""), **visit.asked}
    account = asked["account"]
    known = strategies_of(fleet.accounts[account]) if account in fleet.accounts else ()
    asked["strategy"] = _strategy(known, visit.asked.get("strategy"))
    with frame(room, visit.visitor, ("Chart", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Chart")
            if account:
                link(account, account_path(account))
        _form(fleet, known, asked)
        await Live(
            room,
            visit.visitor,
            lambda: chart(room.desk, room.markets, _wanted(asked)),
            lambda found: _show(found, room.files.current()),
        ).begin(EVERY)


def _strategy(known: Sequence[str], asked: str | None) -> str:
    """The first where nothing is said, or the form was that of another account; none where that was chosen."""
    if asked is not None and asked in ("", *known):
        return asked
    return next(iter(known), "")


def _wanted(asked: Mapping[str, str]) -> ChartWanted:
    until = parse_time(asked["until"]) if asked.get("until") else None
    averages = tuple(_AVERAGES) if asked.get("averages") else ()
    instrument, timeframe = asked.get("instrument", ""), asked.get("timeframe", "")
    return ChartWanted(
        asked["account"], instrument, timeframe, until, averages=averages, strategy=asked.get("strategy", "")
    )


def _form(fleet: Fleet, strategies: Sequence[str], asked: Mapping[str, str]) -> None:
    instrument, timeframe = asked.get("instrument", ""), asked.get("timeframe", "")
    known = {instrument, *(name for spec in fleet.accounts.values() for name in spec.instruments)} - {""}
    with ui.element("form").classes("filters").props(f'method=get action="{_PATH}"'):
        choices("Account", "account", fleet.accounts, asked["account"], everything="")
        choices("Instrument", "instrument", sorted(known), instrument, everything="traded last")
        choices("Candles", "timeframe", Timeframe, timeframe, everything="the account's")
        choices("Strategy", "strategy", strategies, asked["strategy"], everything="none")
        choices("Averages", "averages", [_WITH_AVERAGES], asked.get("averages", ""), everything="none")
        field("Until", "until", asked.get("until", ""), "datetime-local")
        words("button", "Show", "plain").props("type=submit")


def _show(found: Chart, fleet: Fleet) -> None:
    with ui.element("p").classes("badges"):
        words("strong", found.instrument)
        words("span", f"{found.timeframe}, {format_minute(found.since)} to {format_minute(found.until)} UTC", QUIET)
    if found.lacking:
        words("p", found.lacking, QUIET)
    if found.seen is not None:
        say(found.seen)
    if found.bars.opened_at or found.marks:
        _draw(found)
    else:
        empty("There is nothing to draw.")
    words("h2", "Marks")
    runs = [list(run) for _, run in groupby(reversed(found.marks), _same)]
    told = words_for(fleet, [Figures(found.account, found.instrument, [_exact(run[0].price) for run in runs])])
    rows = [_row(found, run, told.prices) for run in runs]
    table(_HEADINGS, rows, otherwise="Nothing was done or refused in this time.")


def _same(mark: Mark) -> tuple[object, ...]:
    """What refusals that follow each other have in common; everything else stands alone."""
    return (mark.side, mark.told) if mark.kind is MarkKind.REFUSED else (mark.kind, mark.at)


def _row(found: Chart, run: Sequence[Mark], prices: SameDigits) -> tuple[Cell, ...]:
    """One mark, or as many refusals as follow each other for the same reason, the newest first."""
    mark, close = run[0], run[0].candle_close
    since = f"{format_minute(run[-1].at)} to {mark.at:%H:%M}, {len(run)} times" if len(run) > 1 else ""
    return (
        Cell(since or format_minute(mark.at)),
        Cell("", _KINDS[mark.kind], badge=mark.kind),
        Cell(direction(mark.side) if mark.kind is not MarkKind.EXIT else mark.side),
        Cell(prices.tell(found.instrument, _exact(mark.price))),
        Cell(mark.told),
        Cell("Why", link=cycle_path(found.account, close)) if close else Cell(""),
    )


def _exact(price: float) -> Decimal:
    """As it was written down; a chart draws floats."""
    return Decimal(repr(price))


def _draw(found: Chart) -> None:
    times = [_label(second) for second in found.bars.opened_at] or [format_minute(mark.at) for mark in found.marks]
    panes, below_candles = panes_of(found.seen, found.timeframe), _TOP + _HEIGHT + _LABELS
    shared = over(found.seen, found.timeframe)
    entries, everywhere = _entries(found, shared), list(range(len(panes) + 1))
    above = ui.element("div")
    drawn = (
        ui.echart(
            {
                "animation": False,
                "legend": [hidden(entries), *legends(panes, below_candles)],
                "grid": [{"left": 8, "right": 64, "top": _TOP, "height": _HEIGHT}, *grids(panes, below_candles)],
                "axisPointer": {"link": [{"xAxisIndex": "all"}]},
                "tooltip": _hovered(),
                "dataZoom": [
                    {
                        "type": "inside",
                        "xAxisIndex": everywhere,
                        "startValue": max(0, len(times) - _SEEN),
                        "endValue": len(times) - 1,
                    },
                    {"type": "slider", "xAxisIndex": everywhere, "height": 18, "bottom": 8},
                ],
                "xAxis": [_time_axis(times, row) for row in everywhere],
                "yAxis": [_price_axis(), *axes(panes)],
                "series": [_candles(found), *_averages(found), *shared, *_marks(found, times), *below(panes)],
            }
        )
        .classes("chart")
        .style(f"height: {below_candles + height_of(panes) + _SLIDER}px")
        .props(f'role=img aria-label="Candles of {found.instrument}; the marks are listed below"')
    )
    with above:
        show_legend(drawn, entries)
    if found.seen is not None:
        explain(found.seen, panes)


def _entries(found: Chart, shared: Sequence[dict[str, object]]) -> list[Entry]:
    """What the legend names: the marks, the averages, what the strategy saw over the candles."""
    averages = [Entry(f"EMA {one.period}", LINE, _AVERAGES[one.period]) for one in found.averages]
    return [*_MARKED, *averages, *(Entry(str(one["name"]), LINE, colour_of(one)) for one in shared)]


def _hovered() -> dict[str, object]:
    """Every value of one candle, on the side where the pointer is not."""
    return {
        "trigger": "axis",
        "axisPointer": {"type": "cross"},
        "extraCssText": "background: var(--paper); border-color: var(--line); color: var(--ink); padding: .4rem .6rem",
        ":formatter": _VALUES,
        ":position": _ASIDE,
    }


def _time_axis(times: Sequence[str], row: int) -> dict[str, object]:
    """That of the candles, row 0, has the times; those of the panes go along with it."""
    return {
        "type": "category",
        "gridIndex": row,
        "data": times,
        "axisLabel": {"color": _GREY, "hideOverlap": True, "show": row == 0},
        "axisTick": {"show": row == 0},
        "axisPointer": {"label": {"show": row == 0}},
        "axisLine": {"lineStyle": {"color": _GREY}, "onZero": False},
    }


def _price_axis() -> dict[str, object]:
    return {
        "type": "value",
        "scale": True,
        "position": "right",
        # The lowest one would stand in the last time.
        "axisLabel": {"color": _GREY, "hideOverlap": True, "showMinLabel": False},
        "splitLine": {"lineStyle": {"color": f"{_GREY}40"}},
    }


def _label(second: int) -> str:
    return format_minute(datetime.fromtimestamp(second, tz=UTC))


def _candles(found: Chart) -> dict[str, object]:
    bars = found.bars
    rows = zip(bars.open, bars.close, bars.low, bars.high, strict=True)
    lines = [_line(one) for one in found.lines]
    style = {"color": _UP, "color0": _DOWN, "borderColor": _UP, "borderColor0": _DOWN}
    label = {"formatter": "{b} {c}"}
    return {
        "type": "candlestick",
        "name": found.instrument,
        "data": [list(row) for row in rows],
        "itemStyle": style,
        # Two digits, its default, would draw the lines of a currency pair somewhere else.
        "markLine": {"symbol": "none", "data": lines, "label": label, "precision": 10},
    }


def _line(one: StopLine) -> dict[str, object]:
    colour, place = _LINES[one.name]
    style = {"color": colour, "type": "dashed"}
    return {"yAxis": one.price, "name": one.name, "lineStyle": style, "label": {"position": place, "color": colour}}


def _averages(found: Chart) -> list[dict[str, object]]:
    return [
        {
            "type": "line",
            "name": f"EMA {one.period}",
            "showSymbol": False,
            "data": list(one.values),
            "lineStyle": {"color": _AVERAGES[one.period], "width": 1.5},
            "itemStyle": {"color": _AVERAGES[one.period]},
        }
        for one in found.averages
    ]


def _marks(found: Chart, times: Sequence[str]) -> list[dict[str, object]]:
    """Entries as triangles, exits as diamonds, refusals as rings; a legend switches each off."""
    entries = [mark for mark in found.marks if mark.kind is MarkKind.ENTRY]
    groups = (
        ("Long", "triangle", _UP, 0, [mark for mark in entries if mark.side is Side.BUY]),
        ("Short", "triangle", _DOWN, 180, [mark for mark in entries if mark.side is Side.SELL]),
        ("Exit", "diamond", _BLUE, 0, [mark for mark in found.marks if mark.kind is MarkKind.EXIT]),
        ("Refused", "circle", _AMBER, 0, [mark for mark in found.marks if mark.kind is MarkKind.REFUSED]),
    )
    return [
        {
            "type": "scatter",
            "name": name,
            "symbol": symbol,
            "symbolRotate": turned,
            "symbolSize": 11,
            "itemStyle": {"color": colour, "opacity": 0.9},
            "z": 5,
            "data": [{"value": [_column(found.bars, times, mark), mark.price], "name": mark.told} for mark in marks],
        }
        for name, symbol, colour, turned, marks in groups
    ]


def _column(bars: Bars, times: Sequence[str], mark: Mark) -> int:
    """The candle in which it happened; a refusal is known at the close of its candle, where the next one opens."""
    if not bars.opened_at:
        return times.index(format_minute(mark.at))
    second = mark.at.timestamp() - (1 if mark.kind is MarkKind.REFUSED else 0)
    return max(0, sum(opened <= second for opened in bars.opened_at) - 1)
