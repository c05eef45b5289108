"""Replies that change what may be traded, each written into the audit with who ordered it."""

from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from console.api.once import TradersWrite, Write
from console.naming import SCOPE_OR_NAME
from console.services.states import StateOrder, StatesPut, halting_otherwise, put_states
from desk.model.books import TradingState

router = APIRouter(prefix="/api", tags=["act"])

PARTLY: dict[int | str, dict[str, Any]] = {
    HTTPStatus.MULTI_STATUS.value: {
        "model": StatesPut,
        "description": "In force for some accounts of a group; `not_put` has the others. A new key orders it again.",
    }
}
"""What the OpenAPI document says of an order that is in force for a part of what it was for."""


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: str = Field(max_length=300, description=SCOPE_OR_NAME)
    why: str = Field("", max_length=300, description="For whoever finds it so; it is kept in the audit.")


class Halt(_Order):
    """An order to trade less."""

    state: Literal["halted", "reduce_only"] = "halted"
    until: str | None = Field(None, max_length=40, description="A time, or a length such as 90m; until lifted without.")


class Resume(_Order):
    """An order to trade as before."""


@router.post("/halt", response_model=StatesPut, responses=PARTLY)
async def halt(order: Halt, write: TradersWrite) -> Response:
    """Stop opening positions, at once; what cancels or closes goes on. Of a group each account is halted for itself."""
    wanted = StateOrder(order.scope, TradingState(order.state), write.visitor.name, order.why, order.until)
    return await put_in_force(write, wanted)


@router.post("/resume", response_model=StatesPut, responses=PARTLY)
async def resume(order: Resume, write: TradersWrite) -> Response:
    """Lift what was ordered for a scope; stricter orders for more than it stay."""
    return await put_in_force(write, StateOrder(order.scope, TradingState.ACTIVE, write.visitor.name, order.why))


async def put_in_force(write: Write, wanted: StateOrder) -> Response:
    """Put a state into force, and answer 200 where all of it is, 207 where a part of it."""
    room = write.room
    with halting_otherwise(wanted.state):
        return await write.once(lambda: put_states(room.ledger, wanted, room.files.current), _status)


def _status(done: StatesPut) -> HTTPStatus:
    return HTTPStatus.MULTI_STATUS if done.not_put else HTTPStatus.OK
