"""Shows the strategies that there are, and one with its parameters."""

import inspect
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from console.services.plugins import candles_of, every_strategy, parameters_of, strategy_named
from console.showing import print_blocks, print_json, print_line, print_rows, print_table
from console.tables import grid
from desk.plugin import Strategy


def list_strategies(*, as_json: bool) -> int:
    """Print a row per strategy."""
    rows = [
        {"strategy": name, "candles": candles_of(plugin), "what it does": plugin.summary()}
        for name, plugin in every_strategy().items()
    ]
    print_rows(rows, as_json=as_json)
    return 0


def show_strategy(name: str, *, as_json: bool) -> int:
    """Print everything about a strategy.

    Raises:
        NotUnderstood: there is none of that name; the message gives the nearest.
    """
    strategy = strategy_named(name)
    if as_json:
        print_json(_facts(strategy))
    else:
        _describe(strategy)
    return 0


def _facts(strategy: type[Strategy]) -> dict[str, object]:
    return {
        "strategy": strategy.name,
        "earlier_names": strategy.aliases,
        "documentation": inspect.getdoc(strategy),
        "warm_up": strategy().warm_up,
        "usual_timeframe": strategy.usual_timeframe,
        "timeframes": strategy().reads,
        "series": strategy().reads_series,
        "file": _file(strategy),
        "parameters": _parameters(strategy),
    }


def _describe(strategy: type[Strategy]) -> None:
    print_blocks([Text(strategy.name, style="bold"), "", *_paragraphs(inspect.getdoc(strategy) or ""), ""])
    print_table(_parameters(strategy))
    print_line()
    print_blocks([grid(list(_needs(strategy)))])


def _needs(strategy: type[Strategy]) -> Iterator[tuple[str, str]]:
    usual = strategy()
    yield "warm-up", f"{usual.warm_up} candles, with the defaults"
    yield "made for", f"candles of {strategy.usual_timeframe}"
    candles = [f"candles of {', '.join(usual.reads)}"] if usual.reads else []
    yield "also reads", " and ".join([*candles, *usual.reads_series]) or "nothing but the account's own candles"
    if strategy.aliases:
        yield "once called", ", ".join(strategy.aliases)
    yield "file", str(_file(strategy))


def _paragraphs(documentation: str) -> list[str]:
    """The documentation, ready to be folded at the width of the terminal."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in documentation.split("\n\n"))
    return "\n\n".join(paragraphs).split("\n")


def _parameters(strategy: type[Strategy]) -> list[dict[str, object]]:
    return [
        {"parameter": one.name, "range": one.range, "default": one.default, "meaning": one.meaning}
        for one in parameters_of(strategy)
    ]


def _file(strategy: type[Strategy]) -> Path:
    return Path(inspect.getfile(strategy))
