"""How the venues answer that the desk calls, by what was counted in the hour that has begun."""

from collections.abc import Iterable

from console.services.health.components import Component, Health, worst_of
from console.times import format_minute
from desk.adapters.budget.facts import CallCount, Pause, Scope, hour_of
from desk.adapters.budget.usage import Usage

_MANY = 0.5
"""The share of errors from which a venue is taken to be down."""


def venues_health(usage: Usage) -> Component:
    """Return how venues are; without a call there is nothing to say of one."""
    scopes = sorted({count.scope.everybody for count in usage.counts}, key=str)
    if not scopes:
        return Component("venues", Health.NOT_THERE, "no venue was called: accounts trade on paper")
    parts = tuple(_venue(scope, usage) for scope in scopes)
    return Component("venues", worst_of(parts), f"{len(parts)} were called", parts=parts)


def _venue(scope: Scope, usage: Usage) -> Component:
    silent = [one for one in usage.pauses if one.scope.everybody == scope and one.holds_at(usage.at)]
    if silent:
        return _silent(scope, max(silent, key=lambda one: one.until))
    start = hour_of(usage.at)
    return _counted(scope, [one for one in usage.counts if one.scope.everybody == scope and one.hour == start])


def _silent(scope: Scope, pause: Pause) -> Component:
    told = (
        f"it is not called until {format_minute(pause.until)} UTC, which it ordered with {pause.status} ({pause.why})"
    )
    return Component(str(scope), Health.FAILING, told, pause.since)


def _counted(scope: Scope, counts: Iterable[CallCount]) -> Component:
    counted = list(counts)
    calls, errors = sum(one.calls for one in counted), sum(one.errors for one in counted)
    limited, refused = sum(one.limited for one in counted), sum(one.refused for one in counted)
    told = f"{calls} calls this hour, {errors} errors, {limited} limited, {refused} refused"
    if calls and errors / calls >= _MANY:
        return Component(str(scope), Health.FAILING, told)
    return Component(str(scope), Health.WARNING if errors or limited or refused else Health.OK, told)
