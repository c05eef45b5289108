"""The reply that runs a run again which failed or crashed."""

from fastapi import APIRouter, Response

from console.api.lifecycle import Reason
from console.api.once import TradersLongWrite
from console.services.resuming import ResumeOrder, Resumption, resume
from console.times import parse_time

router = APIRouter(prefix="/api", tags=["act"])


@router.post("/accounts/{name}/cycles/{close}/resume", response_model=Resumption)
async def resume_cycle(name: str, close: str, reason: Reason, write: TradersLongWrite) -> Response:
    """Have the failed run of a cycle run again; it goes on where it stopped, and nothing is sent twice."""
    room, order = write.room, ResumeOrder(name, parse_time(close), write.visitor.name, reason.why)
    return await write.once(lambda: resume(room.desk, order, room.clock))
