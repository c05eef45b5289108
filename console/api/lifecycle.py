"""Replies that change which accounts there are and run, by the configuration, and what may be traded, at once."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from console.api.acting import PARTLY, put_in_force
from console.api.once import AdminsWrite, TradersWrite, Write
from console.api.problems import refusing
from console.naming import SCOPE_OR_NAME
from console.services.arming import Disarmed, disarm
from console.services.changing import Wanted
from console.services.lifecycle import (
    LifeChanged,
    LifeOrder,
    change_life,
    plan_life,
    to_clone,
    to_load,
    to_reload,
    to_remove,
    to_start,
    to_stop,
)
from console.services.membership import AccountAdded
from console.services.states import StateOrder, StatesPut
from desk.accounts import Fleet
from desk.model.books import TradingState
from desk.model.scopes import FLEET

router = APIRouter(tags=["act"])

_Key = Annotated[str, Field(max_length=300)]
_Value = Annotated[str, Field(max_length=10_000)]
_DRY_RUN = "Whether it is only said what would come of it; nothing is written then."
_DryRun = Annotated[bool, Field(description=_DRY_RUN)]
_DIGEST = "That of a dry run, so that exactly what it showed is written; without it whatever it comes to."


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


class NewAccount(Reason):
    """An account that there is not yet."""

    name: str = Field(max_length=100, description="Small letters, digits and -.")
    like: str | None = Field(None, max_length=100, description="The account that it is a copy of, its overrides too.")
    keys: Mapping[_Key, _Value] = Field(
        default_factory=dict, max_length=100, description="Such as `venue`, as they would be written."
    )
    dry_run: _DryRun = False
    digest: str = Field("", max_length=64, description=_DIGEST)

    def wanted(self, fleet: Fleet) -> Wanted:
        """Return the same, as the service takes it."""
        return to_clone(fleet, self.like, self.name, self.keys) if self.like else AccountAdded(self.name, self.keys)


class Extent(Reason):
    """What is stopped or started."""

    scope: str = Field(FLEET, max_length=300, description=SCOPE_OR_NAME)


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


@router.post("/api/accounts/{name}/reload", response_model=LifeChanged)
async def reload_account(name: str, reason: Reason, write: AdminsWrite) -> Response:
    """Check the files as they are now, and bring the deployments of an account in line with them."""
    return await _change(write, name, reason, lambda fleet: to_reload(fleet, name))


@router.post("/api/accounts", response_model=LifeChanged)
async def add_account(new: NewAccount, write: AdminsWrite) -> Response | LifeChanged:
    """Write a new account, or one like another; its deployments are made."""
    if new.dry_run:
        return await _plan(write, new.name, new.wanted)
    return await _change(write, new.name, new, new.wanted, new.digest)


@router.delete("/api/accounts/{name}", response_model=LifeChanged)
async def remove_account(
    name: str,
    write: AdminsWrite,
    *,
    why: Annotated[str, Query(max_length=300, description="It is kept in the audit.")] = "",
    dry_run: Annotated[bool, Query(description=_DRY_RUN)] = False,
    digest: Annotated[str, Query(max_length=64, description=_DIGEST)] = "",
) -> Response | LifeChanged:
    """Remove an account that holds nothing and is not armed, with its overrides, its target and its deployments."""
    if dry_run:
        return await _plan(write, name, lambda fleet: to_remove(fleet, name))
    return await _change(write, name, Reason(why=why), lambda fleet: to_remove(fleet, name), digest)


@router.post("/api/accounts/{name}/disarm", response_model=Disarmed)
async def disarm_account(name: str, reason: Reason, write: TradersWrite) -> Response:
    """Let an account open nothing before `desk arm` is run again; what closes, cancels or protects goes on."""
    room, order = write.room, {"who": write.visitor.name, "why": reason.why}
    return await write.once(lambda: disarm(room.ledger, name, **order, fleet=room.files.current))


@router.post("/stop", response_model=StatesPut, responses=PARTLY)
async def stop(write: TradersWrite, extent: Extent | None = None) -> Response:
    """Open nothing any more, at once, in the whole fleet where no other scope is said; the same as /api/halt."""
    return await _put(write, extent or Extent(), TradingState.HALTED)


@router.post("/start", response_model=StatesPut, responses=PARTLY)
async def start(write: TradersWrite, extent: Extent | None = None) -> Response:
    """Trade as before; the same as /api/resume."""
    return await _put(write, extent or Extent(), TradingState.ACTIVE)


async def _plan(write: Write, name: str, wanted: Callable[[Fleet], Wanted]) -> LifeChanged:
    """What a change would come to; it needs no key, because nothing is done."""
    with refusing():
        return await plan_life(write.room.ledger, write.room.chosen, name, wanted)


async def _change(
    write: Write, name: str, reason: Reason, wanted: Callable[[Fleet], Wanted], agreed: str = ""
) -> Response:
    room, order = write.room, LifeOrder(name, write.visitor.name, reason.why)
    with refusing():
        return await write.once(lambda: change_life(room.ledger, room.chosen, order, wanted, room.clock, agreed=agreed))


async def _put(write: Write, extent: Extent, state: TradingState) -> Response:
    return await put_in_force(write, StateOrder(extent.scope, state, write.visitor.name, extent.why))
