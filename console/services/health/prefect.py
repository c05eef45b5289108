"""Whether the Prefect server answers, whether workers live, and whether the scheduler plans ahead."""

import os
import ssl
from datetime import datetime
from functools import cache
from http import HTTPStatus

import httpx

from console.services.health.components import Component, Health

SERVER, WORKERS, SCHEDULER = "prefect_server", "workers", "scheduler"
_POOL = "desk"
_PATIENCE = 3.0
_UNREACHED = "no Prefect server was asked"


def prefect_api(pages: str) -> str:
    """Return where Prefect's API is: as the environment says, or below its pages."""
    return os.environ.get("PREFECT_API_URL") or f"{pages.rstrip('/')}/api"


async def prefect_health(api: str, *, transport: httpx.AsyncBaseTransport | None = None) -> tuple[Component, ...]:
    """Return how server, workers and scheduler are; a server that does not answer is told, never raised.

    Args:
        api: its address, up to `/api`.
        transport: in place of the network.
    """
    try:
        made = httpx.AsyncClient(base_url=api, timeout=_PATIENCE, transport=transport, verify=_certificates())
        async with made as client:
            (await client.get("/health")).raise_for_status()
            return Component(SERVER, Health.OK, f"{api} answers"), await _workers(client), await _scheduler(client)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        told = f"expected Prefect's API at {api}, found {_told(error)}; run `desk up`"
        unknown = (Component(name, Health.UNKNOWN, _UNREACHED) for name in (WORKERS, SCHEDULER))
        return Component(SERVER, Health.FAILING, told), *unknown


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than the whole question."""
    return httpx.create_ssl_context()


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__


async def _workers(client: httpx.AsyncClient) -> Component:
    reply = await client.post(f"/work_pools/{_POOL}/workers/filter", json={})
    if reply.status_code == HTTPStatus.NOT_FOUND:
        return Component(WORKERS, Health.FAILING, f"there is no work pool '{_POOL}'; run `desk up` or `desk deploy`")
    workers = reply.raise_for_status().json()
    alive = [str(one["name"]) for one in workers if one["status"] == "ONLINE"]
    if alive:
        return Component(WORKERS, Health.OK, f"alive: {', '.join(sorted(alive))}")
    beats = [str(one["last_heartbeat_time"]) for one in workers if one.get("last_heartbeat_time")]
    since = datetime.fromisoformat(max(beats)) if beats else None
    return Component(WORKERS, Health.FAILING, f"none of {len(workers)} asks for runs; run `desk up`", since)


async def _scheduler(client: httpx.AsyncClient) -> Component:
    scheduled = await _count(client, {"type": {"any_": ["SCHEDULED"]}})
    late = await _count(client, {"name": {"any_": ["Late"]}})
    if late:
        told = f"{late} runs should have begun and have not; look at the workers"
        return Component(SCHEDULER, Health.WARNING, told)
    if not scheduled:
        told = "no run is planned; run `desk deploy`, or look for paused deployments"
        return Component(SCHEDULER, Health.WARNING, told)
    return Component(SCHEDULER, Health.OK, f"{scheduled} runs are planned, none is late")


async def _count(client: httpx.AsyncClient, state: object) -> int:
    reply = await client.post("/flow_runs/count", json={"flow_runs": {"state": state}})
    return int(reply.raise_for_status().json())
