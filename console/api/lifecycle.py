"""Replies that start and stop: accounts for good, by the configuration; trading at once, by a state of the fleet."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from console.api.once import AdminsWrite, TradersWrite, Write
from console.api.problems import refusing
from console.services.changing import ChangeWanted
from console.services.lifecycle import LifeChanged, LifeOrder, change_life, to_load, to_start, to_stop
from console.services.states import StateInForce, StateOrder, put_state
from desk.accounts import Fleet
from desk.model.books import TradingState
from desk.model.scopes import EXPECTED

router = APIRouter(tags=["act"])


class Reason(BaseModel):
    """Why something is ordered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field("", max_length=300, description="For whoever finds it so; it is kept in the audit.")


class Loading(Reason):
    """A strategy for an account, in place of those that it has."""

    strategy: str = Field(max_length=100, description="Its name.")
    parameters: Mapping[str, str] = Field(
        default_factory=dict, max_length=100, description="Where they are not its defaults, as they would be written."
    )


class Extent(Reason):
    """What is stopped or started."""

    scope: str = Field("fleet", max_length=300, description=EXPECTED)


@router.post("/api/accounts/{name}/start", response_model=LifeChanged)
async def start_account(name: str, reason: Reason, write: AdminsWrite) -> Response:
    """Let the schedule of an account run; its deployments are resumed."""
    return await _change(write, name, reason, lambda fleet: to_start(fleet, name))


@router.post("/api/accounts/{name}/stop", response_model=LifeChanged)
async def stop_account(name: str, reason: Reason, write: AdminsWrite) -> Response:
    """Let the schedule of an account rest; its deployments are paused, what it holds is kept."""
    return await _change(write, name, reason, lambda fleet: to_stop(fleet, name))


@router.post("/api/accounts/{name}/strategy", response_model=LifeChanged)
async def load_strategy(name: str, loading: Loading, write: AdminsWrite) -> Response:
    """Give an account a strategy in place of those that it has; the next scan goes by it."""
    return await _change(write, name, loading, lambda fleet: to_load(fleet, name, loading.strategy, loading.parameters))


@router.post("/stop", response_model=StateInForce)
async def stop(write: TradersWrite, extent: Extent | None = None) -> Response:
    """Open nothing any more, at once, in the whole fleet where no other scope is said; the same as /api/halt."""
    return await _put(write, extent or Extent(), TradingState.HALTED)


@router.post("/start", response_model=StateInForce)
async def start(write: TradersWrite, extent: Extent | None = None) -> Response:
    """Trade as before; the same as /api/resume."""
    return await _put(write, extent or Extent(), TradingState.ACTIVE)


async def _change(write: Write, name: str, reason: Reason, wanted: Callable[[Fleet], ChangeWanted]) -> Response:
    room, order = write.room, LifeOrder(name, write.visitor.name, reason.why)
    with refusing():
        return await write.once(lambda: change_life(room.ledger, room.chosen, order, wanted, room.clock))


async def _put(write: Write, extent: Extent, state: TradingState) -> Response:
    room, order = write.room, StateOrder(extent.scope, state, write.visitor.name, extent.why)
    return await write.once(lambda: put_state(room.ledger, order, room.files.current))
