"""Whether the server is alive and can answer, which anybody may ask; and how each part of the desk is."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Response

from console.api.asking import InRoom
from console.api.room import Room
from console.services.health.survey import Surveyed
from desk.adapters.ledger.schema import check_schema
from desk.errors import ConfigError, LedgerError

router = APIRouter(tags=["health"])


@dataclass(frozen=True, slots=True)
class Alive:
    """The server answers."""

    status: str = "ok"


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether everything that replies stand on can be used."""

    ready: bool
    ledger: bool
    configuration: bool


@router.get("/healthz")
async def healthz() -> Alive:
    """The process is alive."""
    return Alive()


@router.get("/readyz", responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Ready}})
async def readyz(room: InRoom, response: Response) -> Ready:
    """The ledger answers, and the configuration can be used as it is written."""
    ledger, configuration = await _ledger_answers(room), _is_configured(room)
    if not (ledger and configuration):
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Ready(ledger and configuration, ledger, configuration)


@router.get("/api/health")
async def health(room: InRoom) -> Surveyed:
    """How each part of the desk is, since when, and what to do where it is not well."""
    return await room.survey.look(room.ledger)


async def _ledger_answers(room: Room) -> bool:
    try:
        await check_schema(room.ledger.database)
    except LedgerError:
        return False
    return True


def _is_configured(room: Room) -> bool:
    try:
        return not room.files.in_force().problem
    except ConfigError:
        return False
