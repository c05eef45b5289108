"""Money over time as a line."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from nicegui import ui

# Colours that can be read on white and on black: the browser may change between them at any time.
_GREY, _BLUE = "#8b95a3", "#2f81f7"


def show_curve(currency: str, points: Sequence[tuple[datetime, Decimal]], told: str) -> None:
    """Put a line on the page.

    Args:
        currency: of the amounts.
        points: oldest first.
        told: what it shows, to who cannot see it.
    """
    axis = {"axisLabel": {"color": _GREY, "hideOverlap": True}, "axisLine": {"lineStyle": {"color": _GREY}}}
    ui.echart(
        {
            "animation": False,
            "grid": {"left": 8, "right": 16, "top": 16, "bottom": 8, "containLabel": True},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "time", **axis},
            "yAxis": {"type": "value", "scale": True, "splitLine": {"lineStyle": {"color": f"{_GREY}40"}}, **axis},
            "series": [
                {
                    "name": currency,
                    "type": "line",
                    "showSymbol": False,
                    "data": [[at.isoformat(), float(amount)] for at, amount in points],
                    "lineStyle": {"color": _BLUE, "width": 2},
                    "itemStyle": {"color": _BLUE},
                    "areaStyle": {"color": _BLUE, "opacity": 0.12},
                }
            ],
        },
        renderer="svg",
    ).classes("chart").props(f'role=img aria-label="{told}"')
