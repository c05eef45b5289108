"""Shows the strategies that there are, and one with its parameters."""

import inspect
from collections.abc import Mapping
from pathlib import Path

from pydantic.fields import FieldInfo
from rich.text import Text

from console.naming import unknown
from console.showing import print_blocks, print_json, print_line, print_rows, print_table
from console.tables import grid
from desk.accounts.reference import parameter_range, written
from desk.plugin import Strategy
from desk.registry import strategies


def show_strategies(name: str | None, *, as_json: bool) -> int:
    """Print a row per strategy, or everything about one.

    Raises:
        NotUnderstood: there is none of that name; the message gives the nearest.
    """
    found = strategies().discover()
    if name is None:
        rows = [{"strategy": known, "what it does": plugin.summary()} for known, plugin in found.items()]
        print_rows(rows, as_json=as_json)
    elif name not in found:
        raise unknown("a strategy", name, found)
    elif as_json:
        print_json(_facts(found[name]))
    else:
        _describe(found[name])
    return 0


def _facts(strategy: type[Strategy]) -> dict[str, object]:
    return {
        "strategy": strategy.name,
        "documentation": inspect.getdoc(strategy),
        "warm_up": strategy().warm_up,
        "timeframes": strategy.timeframes,
        "file": _file(strategy),
        "parameters": _parameters(strategy),
    }


def _describe(strategy: type[Strategy]) -> None:
    print_blocks([Text(strategy.name, style="bold"), "", *_paragraphs(inspect.getdoc(strategy) or ""), ""])
    print_table(_parameters(strategy))
    print_line()
    also = ", ".join(strategy.timeframes)
    facts = [
        ("warm-up", f"{strategy().warm_up} candles, with the defaults"),
        ("also reads", f"candles of {also}" if also else "nothing but the account's own candles"),
        ("file", str(_file(strategy))),
    ]
    print_blocks([grid(facts)])


def _paragraphs(documentation: str) -> list[str]:
    """The documentation, ready to be folded at the width of the terminal."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in documentation.split("\n\n"))
    return "\n\n".join(paragraphs).split("\n")


def _parameters(strategy: type[Strategy]) -> list[dict[str, object]]:
    properties = strategy.model_json_schema()["properties"]
    return [_parameter(name, field, properties[name]) for name, field in strategy.model_fields.items()]


def _parameter(name: str, field: FieldInfo, limits: Mapping[str, object]) -> dict[str, object]:
    default = "required" if field.is_required() else written(field.get_default(call_default_factory=True))
    return {"parameter": name, "range": parameter_range(limits), "default": default, "meaning": field.description}


def _file(strategy: type[Strategy]) -> Path:
    return Path(inspect.getfile(strategy))
