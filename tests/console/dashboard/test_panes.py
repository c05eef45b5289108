"""What a strategy saw, as the options of a chart."""

from dataclasses import replace

import pytest
from nicegui import ui
from nicegui.client import Client
from nicegui.elements.mixins.text_element import TextElement

from console.dashboard.panes import axes, below, explain, grids, height_of, legends, over, panes_of, say
from console.services.seeing import Seen, SeenLine

SEEN = Seen(
    strategy="constant",
    timeframe="M5",
    parameters={},
    threshold=0.35,
    voters=1,
    score=(None, 0.123456789, 0.5),
    stop=(None, None, 1.09),
    target=(None, None, 1.12),
    over=(SeenLine("upper", (None, 1.123456789123, 1.13)),),
    beside=(SeenLine("score", (None, 40.0, 60.0), "How strong it is, 0 to 100."), SeenLine("book", (None, None, None))),
)


def test_the_score_comes_first_and_what_is_known_nowhere_has_no_pane():
    panes = panes_of(SEEN, "M5")
    assert [(pane.name, pane.is_score, pane.threshold) for pane in panes] == [
        ("score", True, 0.35),
        ("score", False, None),
    ]
    assert panes_of(None, "M5") == panes_of(replace(SEEN, score=(), beside=()), "M5") == []


def test_each_pane_has_a_place_a_scale_a_heading_and_a_line_of_its_own():
    panes = panes_of(SEEN, "M5")
    for made in (grids(panes, 100), axes(panes), legends(panes, 100), below(panes)):
        assert len(made) == 2
    first, second = grids(panes, 100)
    assert first["top"] + first["height"] < second["top"]
    assert second["top"] + second["height"] <= 100 + height_of(panes)
    assert [(line["xAxisIndex"], line["yAxisIndex"]) for line in below(panes)] == [(1, 1), (2, 2)]
    assert [axis["gridIndex"] for axis in axes(panes)] == [1, 2]


def test_the_score_has_its_range_and_the_thresholds_on_both_sides():
    scale, other = axes(panes_of(SEEN, "M5"))
    assert (scale["min"], scale["max"], "min" in other) == (-1, 1, False)
    line, plain = below(panes_of(SEEN, "M5"))
    assert [one["yAxis"] for one in line["markLine"]["data"]] == [0.35, -0.35]
    assert "markLine" not in plain
    [unmarked, _] = below(panes_of(replace(SEEN, threshold=None), "M5"))
    assert unmarked["markLine"]["data"] == []


def test_prices_lie_over_the_candles_with_stop_and_target_where_there_are_some():
    assert [line["name"] for line in over(SEEN, "M5")] == ["upper", "stop if entered", "target if entered"]
    quiet = replace(SEEN, stop=(None,) * 3, target=(None,) * 3)
    assert [(line["name"], line["data"]) for line in over(quiet, "M5")] == [("upper", [None, 1.1234568, 1.13])]
    assert over(None, "M5") == []


def test_lines_are_steps_on_a_chart_of_other_candles_only():
    for timeframe, step in (("M5", None), ("M1", "middle")):
        made = [*over(SEEN, timeframe), *below(panes_of(SEEN, timeframe))]
        assert {line.get("step") for line in made} == {step}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ["judges M5 candles; a position is opened where its score reaches 0.35"]),
        (
            {"voters": 3, "parameters": {"period": "9"}},
            [
                "judges M5 candles, period 9; a position is opened where the score of all 3 strategies together "
                "reaches 0.35"
            ],
        ),
        (
            {"threshold": None, "unread": ("micro_price", "news_pressure")},
            [
                "judges M5 candles",
                "It reads micro_price and news_pressure besides candles: that is not kept, and was unknown to it here.",
            ],
        ),
        ({"threshold": None, "unread": ("news",), "lacking": "It failed."}, ["judges M5 candles", "It failed."]),
    ],
)
async def test_it_is_said_what_opens_a_position_and_what_could_not_be_seen(changes, told):
    with Client(ui.page("")) as client:
        say(replace(SEEN, **changes))
        texts = [one.text for one in client.elements.values() if isinstance(one, TextElement)]
    assert [text for text in texts if text] == ["constant", *told]


def test_the_heading_of_a_pane_says_what_its_line_means():
    score, other = legends(panes_of(SEEN, "M5"), 100)
    assert score["formatter"] == "{name}: -1 for short to 1 for long; dashed: 0.35, from which it would trade."
    assert other["formatter"] == "{name}: How strong it is, 0 to 100."
    [danger, _] = panes_of(replace(SEEN, threshold=None), "M5")
    assert "Danger for what is held" in danger.meaning


async def test_every_line_and_pane_is_explained_below_the_chart():
    with Client(ui.page("")) as client:
        explain(SEEN, panes_of(SEEN, "M5"))
        texts = [one.text for one in client.elements.values() if isinstance(one, TextElement)]
    assert [text for text in texts if text] == [
        "What the lines mean",
        *("upper", "Its strategy does not say what it is."),
        *("score", "-1 for short to 1 for long; dashed: 0.35, from which it would trade."),
        *("score", "How strong it is, 0 to 100."),
    ]
