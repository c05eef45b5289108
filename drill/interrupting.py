"""The moments of a process at which something can happen to it: before and after every call that leaves it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import httpx

from desk.adapters.ledger.ledger import Ledger

WRITES = {
    "acquire_lease": "S1",
    "claim_cycle": "S1",
    "record_cycle": "S6",
    "store_intents": "S7",
    "start_sending": "S7",
    "record_order": "S9",
    "record_outcome": "S9",
    "book_fills": "S12",
    "record_equity": "S12",
    "close_cycle": "S12",
    "book_adjustment": "S13",
    "note_externals": "S13",
    "release_lease": "S13",
}
"""The writes of the ledger that end a step of a cycle, with the step's number in the fault matrix."""

ASKING, SENDING = "S2", "S8"


class Killed(BaseException):
    """The process is gone: nothing is caught, closed or given back."""


@dataclass(slots=True)
class Plan:
    """Something that happens once.

    Attributes:
        at: how many moments pass before.
        happens: what does, given the step; may raise.
        only: names of moments such as `before start_sending`, where it can happen at these alone.
    """

    at: int
    happens: Callable[[str], Awaitable[None]]
    only: frozenset[str] = frozenset()


@dataclass(slots=True)
class Moments:
    """Counts what a process does; a dead one does nothing any more."""

    plan: Plan | None = None
    is_dead: bool = False

    async def reach(self, name: str, step: str) -> None:
        """Pass a moment, unless the process is dead or dies here.

        Args:
            name: such as `before start_sending`.
            step: of a cycle, as the fault matrix numbers them.

        Raises:
            Killed: it is dead.
        """
        if self.is_dead:
            raise Killed
        plan = self.plan
        if plan is None or (plan.only and name not in plan.only):
            return
        plan.at -= 1
        if plan.at < 0:
            self.plan = None
            await plan.happens(step)

    async def die(self) -> None:
        """End the process here.

        Raises:
            Killed: always.
        """
        self.is_dead = True
        raise Killed


class Wire(httpx.AsyncBaseTransport):
    """The network of a process.

    Attributes:
        patience: seconds for the answer to a write; the session's own without.
        spoil: changes the body of an answer.
        is_cut: no connection is made for a write.
    """

    def __init__(self, moments: Moments) -> None:
        # The simulator speaks HTTP, and the certificates that HTTPS would need take longer to read than a cycle takes.
        self._network = httpx.AsyncHTTPTransport(retries=0, verify=False)
        self._moments = moments
        self.patience: float | None = None
        self.spoil: Callable[[httpx.Request, bytes], bytes] | None = None
        self.is_cut: Callable[[httpx.Request], bool] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and pass a moment before and after."""
        step = ASKING if request.method == "GET" else SENDING
        await self._moments.reach(f"before {request.method}", step)
        if self.is_cut is not None and self.is_cut(request):
            raise httpx.ConnectError("nobody listens")
        if self.patience is not None and step == SENDING:
            request.extensions["timeout"] = {**request.extensions["timeout"], "read": self.patience}
        response = await self._network.handle_async_request(request)
        if self.spoil is not None:
            response = await _spoilt(response, request, self.spoil)
        await self._moments.reach(f"after {request.method}", step)
        return response

    async def aclose(self) -> None:
        """Stay open: all accounts of the process share it."""

    async def close(self) -> None:
        """Close the connections."""
        await self._network.aclose()


def interrupted(ledger: Ledger, moments: Moments) -> Ledger:
    """Return a ledger before and after each of whose writes a moment passes."""
    return cast(Ledger, _Interrupted(ledger, moments))


class _Interrupted:
    def __init__(self, ledger: Ledger, moments: Moments) -> None:
        self._ledger = ledger
        self._moments = moments

    def __getattr__(self, name: str) -> Any:  # whatever the ledger has
        method = getattr(self._ledger, name)
        return self._wrapped(name, method) if name in WRITES else method

    def _wrapped(self, name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def write(*args: Any, **kwargs: Any) -> Any:
            await self._moments.reach(f"before {name}", WRITES[name])
            result = await method(*args, **kwargs)
            await self._moments.reach(f"after {name}", WRITES[name])
            return result

        return write


async def _spoilt(
    response: httpx.Response, request: httpx.Request, spoil: Callable[[httpx.Request, bytes], bytes]
) -> httpx.Response:
    body = spoil(request, await response.aread())
    return httpx.Response(response.status_code, headers={"content-type": "application/json"}, content=body)
