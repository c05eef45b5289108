"""The page of plug-ins: what each strategy, sizing and risk rule does, and its parameters."""

import inspect
from collections.abc import Iterator, Mapping

from pydantic.fields import FieldInfo

from console.handbook.markdown import code, page, table
from desk.accounts.reference import parameter_range, written
from desk.plugin import Plugin, Strategy
from desk.registry import risk_rules, sizings, strategies

_INTRODUCTION = """\
A plug-in is one file. Its name in the configuration is the name of its file, its parameters are checked before anything
starts, and a parameter that is left out has its default. `desk strategies show NAME` prints a strategy in the
terminal.

How to write one: [a strategy](../how-to/add-a-strategy.md), [a risk rule](../how-to/add-a-risk-rule.md),
[a sizing](../how-to/add-a-sizing.md).
"""

_TITLES = ("Parameter", "Range", "Default", "Meaning")


def render_plug_ins() -> str:
    """Return the page, with the plug-ins that are there now."""
    return page("Plug-ins", _INTRODUCTION, _blocks())


def _blocks() -> Iterator[str]:
    for title, found in (
        ("Strategies", strategies().discover()),
        ("Sizings", sizings().discover()),
        ("Risk rules", risk_rules().discover()),
    ):
        yield f"## {title}"
        for name, plugin in found.items():
            yield f"### {name}"
            yield inspect.getdoc(plugin) or ""
            if issubclass(plugin, Strategy):
                yield _needs(plugin)
            yield table(_TITLES, _rows(plugin))


def _needs(strategy: type[Strategy]) -> str:
    usual = strategy()
    candles = f", and as many of {' and '.join(usual.reads)}" if usual.reads else ""
    needs = f"Made for candles of {strategy.usual_timeframe}, of which it needs more than {usual.warm_up}{candles}."
    series = f" It reads {' and '.join(usual.reads_series)} where they are known." if usual.reads_series else ""
    names = f" It was once called {' and '.join(strategy.aliases)}." if strategy.aliases else ""
    return f"{needs}{series}{names}"


def _rows(plugin: type[Plugin]) -> list[tuple[str, ...]]:
    limits: Mapping[str, Mapping[str, object]] = plugin.model_json_schema()["properties"]
    return [_row(name, field, limits[name]) for name, field in plugin.model_fields.items()]


def _row(name: str, field: FieldInfo, limits: Mapping[str, object]) -> tuple[str, ...]:
    default = code(written(field.get_default(call_default_factory=True, validated_data={})))
    return code(name), parameter_range(limits), default, field.description or ""
