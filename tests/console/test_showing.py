import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from console.showing import print_json, print_rows
from console.tables import table
from desk.model.cycle import CycleState

ROWS = [
    {"account": "oanda-momentum", "said": "long words that can be folded", "equity": "1,234.50 USD"},
    {"account": "x", "said": "", "equity": "99.00 USD"},
]


def lines(rows, width: int) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(table(rows, width=width))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_a_table_has_headings_and_numbers_stand_at_the_right():
    heading, rule, first, second = lines(ROWS, 120)
    assert heading.split() == ["account", "said", "equity"]
    assert set(rule) == {"─"}
    assert first.index("1,234.50 USD") + 3 == second.index("99.00 USD")


def test_only_text_is_folded_where_the_width_is_short():
    shown = lines(ROWS, 50)
    assert any("oanda-momentum" in line and "1,234.50 USD" in line for line in shown)
    assert len(shown) > 4
    assert max(map(len, shown)) <= 50


def test_room_goes_where_it_unfolds_most_lines():
    signal = "EUR/USD momentum_trading -0.59"
    rows = [{"account": f"a{number}", "signals": signal, "not traded": ""} for number in range(5)]
    shown = lines([*rows, {"account": "b", "signals": "", "not traded": "words and words " * 6}], 90)
    assert sum(signal in line for line in shown) == len(rows)


def test_rows_become_sentences_where_a_table_would_break_words():
    shown = " ".join(" ".join(lines(ROWS, 32)).split())
    assert shown == "oanda-momentum said long words that can be folded; equity 1,234.50 USD x equity 99.00 USD"


@given(st.integers(20, 200), st.lists(st.text("abc ", min_size=1, max_size=60), min_size=1, max_size=4))
def test_no_line_is_wider_than_the_terminal_and_no_letter_is_lost(width: int, texts: list[str]):
    rows = [{"name": f"n{number}", "said": text, "again": text[::-1]} for number, text in enumerate(texts)]
    shown = lines(rows, width)
    assert max(map(len, shown)) <= width
    assert sum(map("".join(shown).count, "bc")) >= sum(2 * text.count(letter) for text in texts for letter in "bc")


def test_json_keeps_amounts_to_the_last_digit_and_lengths_in_seconds(capsys: pytest.CaptureFixture[str]):
    value = {
        "amount": Decimal("0.000000000000000000001"),
        "zero": Decimal("0E-23"),
        "limit": timedelta(minutes=90),
        "at": datetime(2026, 1, 14, tzinfo=UTC),
        "state": CycleState.HELD,
        "file": Path("a/b"),
    }
    print_json(value)
    assert json.loads(capsys.readouterr().out) == {
        "amount": "0.000000000000000000001",
        "zero": "0.00000000000000000000000",
        "limit": 5400.0,
        "at": "2026-01-14T00:00:00+00:00",
        "state": "held",
        "file": "a/b",
    }


def test_no_rows_are_said_to_be_none(capsys: pytest.CaptureFixture[str]):
    print_rows([], as_json=False, empty="nobody here")
    print_rows([], as_json=True)
    assert capsys.readouterr().out == "nobody here\n[]\n"


def test_printed_lines_do_not_end_in_spaces(capsys: pytest.CaptureFixture[str]):
    print_rows([{"a": "1", "b": "longer"}, {"a": "2", "b": "short"}], as_json=False, title="The fleet")
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "The fleet"
    assert [line for line in shown if line != line.rstrip()] == []
