"""Mishaps on the way to a venue and back: the simulator's proxy makes them on real connections."""

import re
from collections.abc import Iterator, Mapping

import httpx

from drill.mishaps import End, Mishap, Mishaps, Scene, nothing

_CANDLES = "andle|kline"
_TOO_LATE, _PATIENCE = 0.06, 0.03
"""Real seconds: how late an answer comes, and how long is waited for it."""

_HIDDEN = 0.02
"""Real seconds for which what is new is hidden; less than a look-up waits in all."""

_BAD_PRICES = ("NaN", "-1.5", "0.0", "1e400")
_FRACTION = re.compile(rb"(?<=[\"\[,: ])\d{1,6}\.\d+(?=[\",\]}])")


def _at_orders(number: str, place: str, kind: str, *, step: str = "S8", **more: object) -> Mishap:
    """A fault of the next order."""

    async def begin(scene: Scene) -> End:
        fault = {"method": "POST", "path": scene.dialect.orders, "skip": scene.chance.choice((0, 0, 1))}
        return _scripted(scene, number, step, {"place": place, "kind": kind, **fault, **more})

    return begin


def _at_questions(number: str, place: str, kind: str, *, path: str = "", step: str = "S2", **more: object) -> Mishap:
    """A fault of one of the next questions."""

    async def begin(scene: Scene) -> End:
        fault = {"method": "GET", "path": path, "skip": scene.chance.randrange(3)}
        return _scripted(scene, number, step, {"place": place, "kind": kind, **fault, **more})

    return begin


def _at_lists(number: str, kind: str, which: str, *, step: str) -> Mishap:
    """A fault of the next list of a sort."""

    async def begin(scene: Scene) -> End:
        path = {"fills": scene.dialect.fills, "working": scene.dialect.working, "held": scene.dialect.held}[which]
        return _scripted(scene, number, step, {"place": "read", "kind": kind, "method": "GET", "path": path})

    return begin


def _scripted(scene: Scene, number: str, step: str, *faults: Mapping[str, object]) -> End:
    scene.steering.fault(*({"venue": scene.venue, **fault} for fault in faults))

    async def end() -> None:
        scene.hits.note(number, step, scene.steering.clear_faults())

    return end


async def _nobody_answers(scene: Scene) -> End:
    """Questions do not get through for a moment, sometimes for longer than anybody is patient."""
    return _cut(scene, "F01", "S2", "GET", scene.chance.choice((1, 2, 5)))


async def _no_connection_for_an_order(scene: Scene) -> End:
    return _cut(scene, "F02", "S8", "POST", 1)


def _cut(scene: Scene, number: str, step: str, method: str, count: int) -> End:
    left = [count]

    def is_cut(request: httpx.Request) -> bool:
        is_meant = request.method == method and left[0] > 0
        if is_meant:
            left[0] -= 1
            scene.hits.note(number, step)
        return is_meant

    scene.process.wire.is_cut = is_cut

    async def end() -> None:
        scene.process.wire.is_cut = None

    return end


async def _too_late(scene: Scene) -> End:
    scene.process.wire.patience = _PATIENCE
    fault = {"method": "POST", "path": scene.dialect.orders, "seconds": _TOO_LATE}
    scripted = _scripted(scene, "F03", "S8", {"place": "after", "kind": "delay", **fault})

    async def end() -> None:
        scene.process.wire.patience = None
        await scripted()

    return end


async def _not_shown_at_first(scene: Scene) -> End:
    """The answer to an order is lost, and for a moment the venue does not show it."""
    path, where = scene.dialect.orders, f"{scene.dialect.working}|{scene.dialect.orders}"
    lost = {"place": "after", "kind": "reset", "method": "POST", "path": path}
    hidden = {"place": "read", "kind": "lag", "method": "GET", "path": where, "seconds": _HIDDEN, "times": 0}
    return _scripted(scene, "F21", "S9", lost, hidden)


async def _banned(scene: Scene) -> End:
    if not scene.dialect.bans:
        return nothing
    fault = {"method": "GET", "status": 418, "retry_after": 3}
    return _scripted(scene, "F09", "S2", {"place": "before", "kind": "status", **fault})


async def _prices_that_are_none(scene: Scene) -> End:
    bad = scene.chance.choice(_BAD_PRICES).encode()

    def spoil(request: httpx.Request, body: bytes) -> bytes:
        if not re.search(_CANDLES, request.url.path):
            return body
        changed, count = _FRACTION.subn(bad, body, count=9)
        scene.hits.note("F30", "S4", int(count > 0))
        return changed

    scene.process.wire.spoil = spoil

    async def end() -> None:
        scene.process.wire.spoil = None

    return end


def _server_errors() -> Iterator[Mishap]:
    for status in (500, 502, 504):
        yield _at_orders("F06", "after", "status", status=status)


ON_THE_WIRE: Mishaps = {
    "F01": (_nobody_answers,),
    "F02": (_no_connection_for_an_order,),
    "F03": (_too_late,),
    "F04": (_at_orders("F04", "before", "close"), _at_orders("F04", "before", "reset")),
    "F05": (_at_orders("F05", "after", "reset"), _at_orders("F05", "after", "close")),
    "F06": tuple(_server_errors()),
    "F07": (
        _at_orders("F07", "before", "status", status=503),
        _at_orders("F07", "after", "status", status=503),
    ),
    "F08": tuple(_at_orders("F08", "before", "status", status=status) for status in (400, 401, 403)),
    "F09": (
        _at_questions("F09", "before", "status", status=429, retry_after=2),
        _at_orders("F09", "before", "status", status=429, retry_after=2),
        _banned,
    ),
    "F10": (
        *(_at_questions("F10", "after", kind) for kind in ("cut", "garble", "reset")),
        *(_at_orders("F10", "after", kind) for kind in ("cut", "garble")),
    ),
    "F15": (_at_lists("F15", "duplicate", "fills", step="S10"),),
    "F19": (_at_lists("F19", "reorder", "fills", step="S10"),),
    "F21": (_not_shown_at_first,),
    "F22": tuple(
        _at_lists("F22", kind, which, step="S2") for kind in ("empty", "omit") for which in ("working", "held")
    ),
    "F27": (_at_questions("F27", "read", "stale", path=_CANDLES, step="S3"),),
    "F29": tuple(
        _at_questions("F29", "read", kind, path=_CANDLES, step="S3") for kind in ("reorder", "duplicate", "omit")
    ),
    "F30": (_prices_that_are_none,),
}
