"""What a strategy saw, as lines over the candles of a chart and as a small pane below them for each other value."""

from dataclasses import dataclass

from nicegui import ui

from console.dashboard.parts import QUIET, words
from console.services.seeing import Seen, Values

Option = dict[str, object]

# Colours that can be read on white and on black: the browser may change between them at any time.
_GREY, _BLUE = "#8b95a3", "#2f81f7"
_LINES = ("#d08a1d", "#2a9fb0", "#c2569b", "#7a9a2e", "#8f6bd1", "#b07a52")
_ENDS = {"stop": "#d9534a", "target": "#2aa568"}
_HEIGHT, _GAP, _HEADING = 74, 26, 16
_UNTOLD = "Its strategy does not say what it is."
_DIGITS, _PRICE_DIGITS = 5, 8
"""Significant digits of what is pointed at."""


@dataclass(frozen=True, slots=True)
class Pane:
    """One value below the candles, or the score.

    Attributes:
        meaning: what its line says, and in which unit.
        threshold: of the score, drawn on both sides of 0; None for none.
        is_stepped: whether several candles of the chart share a value.
    """

    name: str
    values: Values
    is_stepped: bool
    meaning: str
    is_score: bool = False
    threshold: float | None = None


def say(seen: Seen) -> None:
    """Put on the page whose view it is, what opens a position, and what could not be seen."""
    with words("p", "", "badges"):
        words("strong", seen.strategy)
        words("span", _told(seen), QUIET)
    if seen.lacking:
        words("p", seen.lacking, QUIET)
    elif seen.unread:
        names = " and ".join(seen.unread)
        words("p", f"It reads {names} besides candles: that is not kept, and was unknown to it here.", QUIET)


def _told(seen: Seen) -> str:
    parameters = "".join(f", {name} {value}" for name, value in seen.parameters.items())
    whose = "its score" if seen.voters == 1 else f"the score of all {seen.voters} strategies together"
    opens = "" if seen.threshold is None else f"; a position is opened where {whose} reaches {seen.threshold:g}"
    return f"judges {seen.timeframe} candles{parameters}{opens}"


def panes_of(seen: Seen | None, timeframe: str) -> list[Pane]:
    """Return the panes that have something to show, the score first; `timeframe` is the chart's."""
    if seen is None:
        return []
    stepped = seen.timeframe != timeframe
    rows = [Pane("score", seen.score, stepped, _score(seen), is_score=True, threshold=seen.threshold)]
    rows += [Pane(line.name, line.values, stepped, line.meaning or _UNTOLD) for line in seen.beside]
    return [row for row in rows if any(value is not None for value in row.values)]


def _score(seen: Seen) -> str:
    if seen.threshold is None:
        return "Danger for what is held: -1 for who is long, 1 for who is short."
    return f"-1 for short to 1 for long; dashed: {seen.threshold:g}, from which it would trade."


def explain(seen: Seen, panes: list[Pane]) -> None:
    """Put what each line over the candles and each pane says on the page, for who opens it."""
    told = [(line.name, line.meaning or _UNTOLD) for line in seen.over]
    told += [(pane.name, pane.meaning) for pane in panes]
    if not told:
        return
    with ui.element("details"):
        words("summary", "What the lines mean")
        with ui.element("dl").classes("meanings"):
            for name, meaning in told:
                words("dt", name)
                words("dd", meaning, QUIET)


def height_of(panes: list[Pane]) -> int:
    """Return how many pixels panes take below the candles."""
    return len(panes) * (_HEIGHT + _GAP)


def grids(panes: list[Pane], top: int) -> list[Option]:
    """Return the places of panes below `top`."""
    return [{"left": 8, "right": 64, "top": _top(top, row), "height": _HEIGHT} for row in range(len(panes))]


def legends(panes: list[Pane], top: int) -> list[Option]:
    """Return the heading of each pane, which switches its line."""
    return [
        {
            "data": [pane.name],
            "formatter": f"{{name}}: {pane.meaning}",
            "icon": "roundRect",
            "left": 4,
            "top": _top(top, row) - _HEADING,
            "padding": 0,
            "itemWidth": 14,
            "itemHeight": 3,
            "textStyle": {"color": _GREY, "fontSize": 11},
        }
        for row, pane in enumerate(panes)
    ]


def _top(top: int, row: int) -> int:
    return top + row * (_HEIGHT + _GAP) + _GAP


def axes(panes: list[Pane]) -> list[Option]:
    """Return the scales of panes."""
    small = {"color": _GREY, "fontSize": 10, "hideOverlap": True}
    common: Option = {
        "type": "value",
        "position": "right",
        "axisLabel": small,
        "splitLine": {"lineStyle": {"color": f"{_GREY}30"}},
    }
    of_score: Option = {"min": -1, "max": 1, "interval": 1}
    of_values: Option = {"scale": True, "splitNumber": 2}
    return [
        {**common, "gridIndex": row, **(of_score if pane.is_score else of_values)}
        for row, pane in enumerate(panes, start=1)
    ]


def below(panes: list[Pane]) -> list[Option]:
    """Return the lines of panes."""
    return [_line_below(pane, row) for row, pane in enumerate(panes, start=1)]


def _line_below(pane: Pane, row: int) -> Option:
    colour = _BLUE if pane.is_score else _LINES[row % len(_LINES)]
    line = {**_line(pane.name, pane.values, colour, _DIGITS), "xAxisIndex": row, "yAxisIndex": row}
    if pane.is_stepped:
        line["step"] = "middle"
    if pane.is_score:
        line |= {"areaStyle": {"color": colour, "opacity": 0.15}, "markLine": _thresholds(pane.threshold)}
    return line


def _thresholds(threshold: float | None) -> Option:
    sides = () if threshold is None else (threshold, -threshold)
    style = {"color": _GREY, "type": "dashed"}
    lines = [{"yAxis": side, "lineStyle": style} for side in sides]
    return {"symbol": "none", "silent": True, "data": lines, "label": {"show": False}}


def over(seen: Seen | None, timeframe: str) -> list[Option]:
    """Return the lines over the candles: prices that the strategy goes by, and where entries would have ended."""
    if seen is None:
        return []
    lines = [
        _line(line.name, line.values, _LINES[row % len(_LINES)], _PRICE_DIGITS) for row, line in enumerate(seen.over)
    ]
    for name, values in (("stop", seen.stop), ("target", seen.target)):
        if any(value is not None for value in values):
            lines.append({**_line(f"{name} if entered", values, _ENDS[name], _PRICE_DIGITS), **_dotted(_ENDS[name])})
    return [{**line, "step": "middle"} for line in lines] if seen.timeframe != timeframe else lines


def colour_of(line: Option) -> str:
    """Return the colour of a line of this module."""
    style = line["itemStyle"]
    assert isinstance(style, dict), f"a line without a style: {style}"
    return str(style["color"])


def _dotted(colour: str) -> Option:
    """With a point at each candle: between two that would enter nowhere, there is no line."""
    style = {"color": colour, "width": 1, "type": "dotted"}
    return {"lineStyle": style, "showSymbol": True, "symbol": "circle", "symbolSize": 3.5}


def _line(name: str, values: Values, colour: str, digits: int) -> Option:
    return {
        "type": "line",
        "name": name,
        "showSymbol": False,
        "data": [None if value is None else float(f"{value:.{digits}g}") for value in values],
        "lineStyle": {"color": colour, "width": 1.5},
        "itemStyle": {"color": colour},
    }
