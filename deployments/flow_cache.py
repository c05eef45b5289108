"""Loads flows by their module-path entrypoint, once each."""

import asyncio

from prefect.flows import load_flow_from_entrypoint

from deployments.engine import PrefectFlow
from desk.errors import ConfigError


class FlowCache:
    """The flows of this process, by entrypoint and time-out; new code needs a new process."""

    def __init__(self) -> None:
        self._flows: dict[tuple[str, float], PrefectFlow] = {}

    async def get(self, entrypoint: str | None, time_limit: float) -> PrefectFlow:
        """Return the flow, failing after `time_limit` seconds unless it has a shorter time-out of its own.

        Raises:
            ConfigError: the entrypoint is not one that this worker can execute.
            Exception: whatever the module raises on import.
        """
        if not entrypoint or ":" in entrypoint:
            raise ConfigError(
                f"expected a module-path entrypoint such as 'flows.scan.scan', found {entrypoint!r}; "
                "a worker of type desk imports flows that are installed, it does not load files"
            )
        key = (entrypoint, time_limit)
        if key not in self._flows:
            flow: PrefectFlow = await asyncio.to_thread(
                load_flow_from_entrypoint, entrypoint, use_placeholder_flow=False
            )
            self._flows[key] = _limited(_require_async(flow, entrypoint), time_limit)
        return self._flows[key]


def _require_async(flow: PrefectFlow, entrypoint: str) -> PrefectFlow:
    if flow.isasync and not flow.isgenerator:
        return flow
    raise ConfigError(
        f"expected {entrypoint} to be an 'async def' flow that returns, found another kind; "
        "it would stop all other runs of the worker: run it in a work pool of type process"
    )


def _limited(flow: PrefectFlow, time_limit: float) -> PrefectFlow:
    return flow.with_options(timeout_seconds=min(time_limit, flow.timeout_seconds or time_limit))
