"""Replies that change what may be traded, each written into the audit with who ordered it."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from console.api.once import TradersWrite, Write
from console.services.states import StateInForce, StateOrder, halting_otherwise, put_state
from desk.model.books import TradingState
from desk.model.scopes import EXPECTED

router = APIRouter(prefix="/api", tags=["act"])


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: str = Field(max_length=300, description=EXPECTED)
    why: str = Field("", max_length=300, description="For whoever finds it so; it is kept in the audit.")


class Halt(_Order):
    """An order to trade less."""

    state: Literal["halted", "reduce_only"] = "halted"
    until: str | None = Field(None, max_length=40, description="A time, or a length such as 90m; until lifted without.")


class Resume(_Order):
    """An order to trade as before."""


@router.post("/halt", response_model=StateInForce)
async def halt(order: Halt, write: TradersWrite) -> Response:
    """Stop opening positions, at once; what cancels or closes goes on."""
    wanted = StateOrder(order.scope, TradingState(order.state), write.visitor.name, order.why, order.until)
    return await _put(write, wanted)


@router.post("/resume", response_model=StateInForce)
async def resume(order: Resume, write: TradersWrite) -> Response:
    """Lift what was ordered for a scope; stricter orders for more than it stay."""
    return await _put(write, StateOrder(order.scope, TradingState.ACTIVE, write.visitor.name, order.why))


async def _put(write: Write, wanted: StateOrder) -> Response:
    room = write.room
    with halting_otherwise(wanted.state):
        return await write.once(lambda: put_state(room.ledger, wanted, room.files.current))
