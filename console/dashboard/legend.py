"""The legend of a chart: a list that wraps on a narrow window, each entry of which switches what it names."""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from console.dashboard.parts import words

LINE = "━"
"""The sign of a line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a chart shows under a name, and the sign and the colour in which it shows it."""

    name: str
    sign: str
    colour: str


def hidden(entries: Sequence[Entry]) -> dict[str, object]:
    """Return the legend of the chart itself, which draws nothing: without one it would switch nothing."""
    return {"show": False, "data": [entry.name for entry in entries]}


def show_legend(chart: ui.echart, entries: Sequence[Entry]) -> None:
    """Put the legend of a chart here."""
    with ui.element("div").classes("legend").props('role=group aria-label="What the chart shows"'):
        for entry in entries:
            _Switch(chart, entry)


class _Switch:
    def __init__(self, chart: ui.echart, entry: Entry) -> None:
        self._chart, self._name, self._is_on = chart, entry.name, True
        self._button = ui.element("button").props("type=button aria-pressed=true").on("click", self._turn)
        with self._button:
            words("i", entry.sign).style(f"color: {entry.colour}").props("aria-hidden=true")
            words("span", entry.name)

    def _turn(self) -> None:
        self._is_on = not self._is_on
        self._button.props(f"aria-pressed={str(self._is_on).lower()}")
        self._chart.run_chart_method("dispatchAction", {"type": "legendToggleSelect", "name": self._name})
