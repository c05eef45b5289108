"""Reads freqtrade's protections under their own names, and translates each into a risk rule of ours."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field

from desk.accounts.base import Spec
from desk.accounts.entry import Entry
from desk.accounts.plugins import build
from desk.accounts.problems import Problem
from desk.accounts.values import Number, Whole, format_duration
from desk.errors import ConfigError
from desk.model.timeframe import Timeframe
from desk.plugin import RiskRule, TimeOfDay
from desk.registry import risk_rules


class Method(StrEnum):
    """What freqtrade calls its protections."""

    COOLDOWN_PERIOD = "CooldownPeriod"
    STOPLOSS_GUARD = "StoplossGuard"
    MAX_DRAWDOWN = "MaxDrawdown"
    LOW_PROFIT_PAIRS = "LowProfitPairs"


_CANDLES = "a whole number from 1 to 30000: candles of the account"
_Candles: TypeAlias = Annotated[Whole, Field(ge=1, le=30_000)] | None
_FRACTION = Annotated[Number, Field(ge=-10, le=10)]


class ProtectionSpec(Spec):
    """A protection as freqtrade's documentation writes it."""

    method: Method = Field(description=f"one of {', '.join(Method)}: which protection")
    stop_duration_candles: _Candles = Field(None, description=f"{_CANDLES} for which nothing is opened")
    stop_duration: Annotated[Number, Field(gt=0, le=10_080)] | None = Field(
        None, description="a number above 0, up to 10080: minutes for which nothing is opened"
    )
    unlock_at: TimeOfDay | None = Field(
        None, description="a time of day in UTC such as 08:30: until when nothing is opened"
    )
    lookback_period_candles: _Candles = Field(None, description=f"{_CANDLES} in which closed trades count")
    lookback_period: Annotated[Number, Field(gt=0, le=30_240)] | None = Field(
        None, description="a number above 0, up to 30240: minutes in which closed trades count"
    )
    trade_limit: Annotated[Whole, Field(ge=1, le=1000)] | None = Field(
        None, description="a whole number from 1 to 1000: trades, or stops, that are enough"
    )
    required_profit: _FRACTION = Field(
        Decimal(0), description="a number from -10 to 10: the sum of profits, or of each stop, below which it acts"
    )
    max_allowed_drawdown: Annotated[Number, Field(gt=0, le=100)] | None = Field(
        None, description="a number above 0, up to 100: the fall of summed profits above which it acts"
    )
    only_per_pair: bool = Field(
        default=False, strict=True, description="true or false: whether each instrument is looked at for itself"
    )
    only_per_side: bool = Field(
        default=False, strict=True, description="true or false: whether each side is looked at for itself"
    )


Keys: TypeAlias = tuple[str, ...]

_STOP: Keys = ("stop_duration_candles", "stop_duration", "unlock_at")
_LOOKBACK: Keys = ("lookback_period_candles", "lookback_period")
# What it looks at besides the method and how long it lasts; freqtrade's own example gives LowProfitPairs only_per_pair,
# which says nothing there.
_TAKEN: Mapping[Method, Keys] = {
    Method.COOLDOWN_PERIOD: (),
    Method.STOPLOSS_GUARD: (*_LOOKBACK, "trade_limit", "required_profit", "only_per_pair", "only_per_side"),
    Method.MAX_DRAWDOWN: (*_LOOKBACK, "trade_limit", "max_allowed_drawdown"),
    Method.LOW_PROFIT_PAIRS: (*_LOOKBACK, "trade_limit", "required_profit", "only_per_pair", "only_per_side"),
}
_SILENT = {"trade_limit": "freqtrade takes {} then", "max_allowed_drawdown": "freqtrade stops after any fall then"}
_USUAL_TRADES = {Method.STOPLOSS_GUARD: "10"}


@dataclass(frozen=True, slots=True)
class Translation:
    """What a protection has become.

    Attributes:
        rule: the name of a risk rule.
        parameters: of the rule, as far as the protection says something about them.
    """

    method: Method
    rule: str
    parameters: Mapping[str, object]

    def __str__(self) -> str:
        said = ", ".join(f"{key} {_in_words(value)}" for key, value in self.parameters.items())
        return f"{self.method} is the rule {self.rule}: {said}"

    def built(self) -> RiskRule:
        """Return the rule.

        Raises:
            ConfigError: so many candles of the account are longer than the rule takes.
        """
        return build(risk_rules(), self.rule, self.parameters)


def translated(protections: Iterable[ProtectionSpec], timeframe: Timeframe) -> tuple[Translation, ...]:
    """Return what protections mean for an account that acts on candles of a timeframe."""
    return tuple(_translated(protection, timeframe) for protection in protections)


def protection_problems(protections: Entry | None) -> Iterator[Problem]:
    """Yield every key that a protection does not look at, that contradicts another, or without which it says nothing.

    What a single value may be is the model's business.
    """
    for entry in protections.items if protections else ():
        written = entry.child("method")
        if written is not None and written.value in tuple(Method):
            yield from _problems(Method(str(written.value)), entry)


def unfit_protections(protections: Iterable[ProtectionSpec], timeframe: Timeframe, account: Entry) -> Iterator[Problem]:
    """Yield every protection that with candles of the account's timeframe lasts or looks back longer than can be."""
    place = account.child("policy") or account
    for translation in translated(protections, timeframe):
        try:
            translation.built()
        except ConfigError as error:
            expected = f"protections that fit {timeframe} candles"
            yield place.problem(f"expected {expected}, found one that does not ({translation}): {error}")


def _problems(method: Method, entry: Entry) -> Iterator[Problem]:
    taken = (*_STOP, *_TAKEN[method])
    for key, child in entry.children.items():
        if key in ProtectionSpec.model_fields and key not in ("method", *taken):
            hint = f"known are {', '.join(taken)}; leave it out"
            yield child.problem(f"expected a key that {method} looks at, found '{key}'; {hint}")
    yield from _one_of(_STOP, entry, "stop_duration: 60")
    if _TAKEN[method]:
        yield from _one_of(_LOOKBACK, entry, "lookback_period: 60")
    for key in (key for key in _SILENT if key in taken and _says_nothing(entry, key)):
        silent = _SILENT[key].format(_USUAL_TRADES.get(method, "1"))
        yield entry.problem(f"expected {key} of {method}, found nothing; {silent}, write down what you want", below=key)


def _one_of(keys: Keys, entry: Entry, usual: str) -> Iterator[Problem]:
    """Yield what is wrong where not exactly one of several keys is there."""
    names = ", ".join(keys[:-1]) + f" or {keys[-1]}"
    found = [key for key in keys if not _says_nothing(entry, key)]
    if not found:
        yield entry.problem(f"expected {names}, found none of them; what freqtrade takes then is {usual}")
    for key in found[1:]:
        said = f"'{key}' besides '{found[0]}' on line {entry.children[found[0]].line}"
        yield entry.children[key].problem(f"expected one of {names}, found {said}; leave one out")


def _says_nothing(entry: Entry, key: str) -> bool:
    child = entry.child(key)
    return child is None or child.value is None


def _translated(protection: ProtectionSpec, timeframe: Timeframe) -> Translation:
    rule, parameters = _RULES[protection.method](protection, timeframe)
    return Translation(protection.method, rule, {key: value for key, value in parameters.items() if value is not None})


_Rule: TypeAlias = tuple[str, dict[str, object]]


def _cooldown(protection: ProtectionSpec, timeframe: Timeframe) -> _Rule:
    return "cooldown", {"period": _stop(protection, timeframe), "unlock_at": protection.unlock_at}


def _stop_loss_guard(protection: ProtectionSpec, timeframe: Timeframe) -> _Rule:
    return "stop_loss_guard", {
        **_looking_back(protection, timeframe),
        "stops": protection.trade_limit,
        "profit_below": protection.required_profit,
        "per_instrument": protection.only_per_pair,
        "per_side": protection.only_per_side,
    }


def _trade_drawdown(protection: ProtectionSpec, timeframe: Timeframe) -> _Rule:
    return "trade_drawdown", {
        **_looking_back(protection, timeframe),
        "trades": protection.trade_limit,
        "limit": protection.max_allowed_drawdown,
    }


def _low_profit_lock(protection: ProtectionSpec, timeframe: Timeframe) -> _Rule:
    return "low_profit_lock", {
        **_looking_back(protection, timeframe),
        "trades": protection.trade_limit,
        "required_profit": protection.required_profit,
        "per_side": protection.only_per_side,
    }


_RULES = {
    Method.COOLDOWN_PERIOD: _cooldown,
    Method.STOPLOSS_GUARD: _stop_loss_guard,
    Method.MAX_DRAWDOWN: _trade_drawdown,
    Method.LOW_PROFIT_PAIRS: _low_profit_lock,
}


def _looking_back(protection: ProtectionSpec, timeframe: Timeframe) -> dict[str, object]:
    lookback = _period(protection.lookback_period_candles, protection.lookback_period, timeframe)
    return {"lookback": lookback, "pause": _stop(protection, timeframe), "unlock_at": protection.unlock_at}


def _stop(protection: ProtectionSpec, timeframe: Timeframe) -> timedelta | None:
    return _period(protection.stop_duration_candles, protection.stop_duration, timeframe)


def _period(candles: int | None, minutes: Decimal | None, timeframe: Timeframe) -> timedelta | None:
    if candles is not None:
        return timeframe.duration * candles
    return None if minutes is None else timedelta(minutes=float(minutes))


def _in_words(value: object) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
