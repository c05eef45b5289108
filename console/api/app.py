"""The app of the control room: the gate, the doors, the API; the pages are mounted on it."""

from collections.abc import Sequence
from functools import cache
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.routing import BaseRoute

from console.api import (
    acting,
    backtests,
    configuring,
    credentials,
    entering,
    files,
    fleet_lists,
    following,
    freqtrade,
    freqtrade_acting,
    health,
    judging,
    lifecycle,
    looking,
    metrics,
    problems,
    resuming,
    telling,
)
from console.api.gate import Gate
from console.api.problems import problem
from console.api.recording import Recorder
from console.api.room import Room

_PARTS = (
    health,
    metrics,
    entering,
    looking,
    files,
    fleet_lists,
    judging,
    backtests,
    following,
    acting,
    configuring,
    credentials,
    lifecycle,
    resuming,
    telling,
    freqtrade,
    freqtrade_acting,
)


def create_app(room: Room) -> FastAPI:
    """Return an app that answers for a room; its ledger is open while the app runs."""
    # The pages of the documentation come from another site, which a browser may not reach; the document is enough.
    app = FastAPI(
        title="Scandesk",
        lifespan=room.opened,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses=problems.RESPONSES,
    )
    app.state.room = room
    problems.install(app)
    app.router.routes.extend(_routes())
    app.add_middleware(Gate, room=room)
    app.add_middleware(Recorder)
    return app


@cache
def _routes() -> Sequence[BaseRoute]:
    """What every app answers, for the room that a request knows; FastAPI takes half a second to make it, so once."""
    router = APIRouter(responses=problems.RESPONSES)
    for part in _PARTS:
        router.include_router(part.router)
    # Whatever is mounted after this would answer for the API with a page.
    for place in ("/api", "/freqtrade"):
        router.add_api_route(f"{place}/{{path:path}}", _nothing, include_in_schema=False)
    return router.routes


async def _nothing(request: Request) -> Response:
    return problem(HTTPStatus.NOT_FOUND, f"expected an address of /api/openapi.json, found '{request.url.path}'")
