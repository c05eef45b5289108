"""Writes the reference page of the command line from the commands themselves, so that the two cannot differ."""

from collections.abc import Iterator

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from console.main import EPILOG, app

_INTRODUCTION = """\
# Command line

<!-- Written by `make docs` from console/main.py; change that file, not this page. -->

`desk COMMAND --help` says what is here. Results are printed to standard output, errors as one message to standard
error. With `--json`, a command prints JSON: amounts are text, exact to the last digit, times are ISO 8601 with their
zone, lengths of time are seconds. A table that does not fit into the terminal becomes a paragraph for each row; without
a terminal the width is 160 characters, or `COLUMNS`.
"""

_EXAMPLES = """\
## Examples

```
desk demo                                     the whole desk once, without keys or a network
desk up                                       everything, until Ctrl-C
desk status                                   is every account well?
desk why oanda-momentum                       what did the last scan decide, and why?
desk why oanda-momentum EUR/USD               the same of one instrument
desk why oanda-momentum 2026-01-14T15:00Z     the cycle of the last candle that had closed by then
desk strategies show breakout                 parameters, their ranges and defaults
desk strategies check --data candles         how often does each trade on these candles?
desk config check && desk deploy --plan       is what I wrote right, and what would it change?
desk config schema --file accounts            for an editor that checks while one types
desk config set accounts.mine.timeframe H1    one value; comments and everything else stay
desk accounts clone mine mine-2 --set timeframe=M15
```
"""


def render_reference() -> str:
    """Return the page in Markdown."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup), root
    codes, _, meanings = EPILOG.partition(": ")
    blocks = [
        _INTRODUCTION.rstrip(),
        _EXAMPLES.rstrip(),
        f"## {codes}",
        "\n".join(_exit_code(line) for line in meanings.rstrip(".").split("; ")),
        "## Options before the command",
        _parameters(root),
    ]
    for path, command in _commands(root, "desk"):
        blocks.extend(_command(path, command))
    return "\n\n".join(blocks) + "\n"


def _exit_code(line: str) -> str:
    number, _, meaning = line.partition(" ")
    return f"* `{number}` {meaning}"


def _commands(group: TyperGroup, path: str) -> Iterator[tuple[str, TyperCommand]]:
    """Every command below a group, with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{path} {name}")
        else:
            assert isinstance(command, TyperCommand), command
            yield f"{path} {name}", command


def _command(path: str, command: TyperCommand) -> list[str]:
    arguments = [_usage(argument) for argument in command.params if isinstance(argument, TyperArgument)]
    usage = " ".join((path, "[OPTIONS]", *arguments))
    return [f"## {path}", command.help or "", f"```\n{usage}\n```", _parameters(command)]


def _usage(argument: TyperArgument) -> str:
    name = f"{_name(argument).upper()}{'...' if argument.nargs == -1 else ''}"
    return name if argument.required else f"[{name}]"


def _parameters(command: TyperCommand | TyperGroup) -> str:
    rows = [_row(parameter) for parameter in command.params if isinstance(parameter, TyperArgument | TyperOption)]
    return "\n".join(("| | meaning | default |", "|---|---|---|", *rows))


def _row(parameter: TyperArgument | TyperOption) -> str:
    name = _name(parameter).upper() if isinstance(parameter, TyperArgument) else ", ".join(parameter.opts)
    default = "**required**" if parameter.required else _default(parameter)
    return f"| `{name}` | {(parameter.help or '').replace('|', chr(92) + '|')} | {default} |"


def _default(parameter: TyperArgument | TyperOption) -> str:
    return "" if parameter.default is None or parameter.default is False else f"`{parameter.default}`"


def _name(parameter: TyperArgument | TyperOption) -> str:
    assert parameter.name is not None, parameter
    return parameter.name
