"""What strategies there are and what each takes; loads no database."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from console.naming import unknown
from desk.accounts.reference import parameter_range, written
from desk.adapters.settings import settings
from desk.plugin import Strategy
from desk.registry import strategies


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a strategy takes: its limits, its value where nothing is said, and its meaning, in words."""

    name: str
    range: str
    default: str
    meaning: str


def every_strategy() -> Mapping[str, type[Strategy]]:
    """Return the strategies by name, those in the folder of the settings among them."""
    settings()
    return strategies().discover()


def strategy_named(name: str) -> type[Strategy]:
    """Return a strategy by its name or one that it had before.

    Raises:
        NotUnderstood: there is none of that name; the message gives the nearest.
    """
    found = every_strategy()
    present = strategies().present_name(name)
    if present not in found:
        raise unknown("a strategy", name, found)
    return found[present]


def candles_of(strategy: type[Strategy]) -> str:
    """Return which candles a strategy is made for, and which others it reads."""
    also = " and ".join(strategy().reads)
    return f"{strategy.usual_timeframe} beside {also}" if also else str(strategy.usual_timeframe)


def parameters_of(strategy: type[Strategy]) -> tuple[Parameter, ...]:
    """Return what a strategy takes, in its order."""
    properties = strategy.model_json_schema()["properties"]
    return tuple(_parameter(name, field, properties[name]) for name, field in strategy.model_fields.items())


def _parameter(name: str, field: FieldInfo, limits: Mapping[str, object]) -> Parameter:
    default = "required" if field.is_required() else written(field.get_default(call_default_factory=True))
    return Parameter(name, parameter_range(limits), default, field.description or "")
