"""What clients of freqtrade order of an account: replies in its words, under the rights and the audit of the desk.

Each does what an address of `/api` does, once for each `Idempotency-Key`. The login hands out nothing new: who has a
token logs in with it and gets it back, because its clients want one from there.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from console.api.asking import AnyVisitor, AtDesk
from console.api.gate import token_in
from console.api.once import AdminsWrite, TradersLongWrite, TradersWrite, Write
from console.api.problems import refusing
from console.naming import account_of
from console.services.closing import close_apart
from console.services.freqtrade.acting import (
    WHY,
    Ordering,
    ResultSaid,
    StatusSaid,
    begin_exit,
    pause_entries,
    reload_files,
    start,
    stop,
)
from console.services.states import halting_otherwise
from desk.model.access import Rights
from desk.model.books import TradingState

router = APIRouter(prefix="/freqtrade/{name}/api/v1", tags=["freqtrade"])


class ForceExit(BaseModel):
    """A trade that is to be closed as a whole, at the market."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tradeid: Annotated[int, Field(ge=1, le=10**9)] | Annotated[str, Field(pattern=r"^(all|[1-9][0-9]{0,8})$")]
    ordertype: Literal["market"] | None = None
    amount: None = Field(None, description="A part of a trade is not closed.")
    price: None = Field(None, description="Nothing is closed at a limit.")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What lets a program in; it is the token that came."""

    access_token: str


@dataclass(frozen=True, slots=True)
class AccessTokens(AccessToken):
    """The same twice: a token of the desk ends when somebody revokes it, or on its day."""

    refresh_token: str


@router.post("/token/login")
async def log_in(name: str, request: Request, desk: AtDesk, _visitor: AnyVisitor) -> AccessTokens:
    """Who comes with a token, as a password or as such, gets it back."""
    account_of(desk.fleet, name)
    token = _token(request)
    return AccessTokens(token, token)


@router.post("/token/refresh")
async def refresh(name: str, request: Request, desk: AtDesk, _visitor: AnyVisitor) -> AccessToken:
    """Who comes with a token gets it back."""
    account_of(desk.fleet, name)
    return AccessToken(_token(request))


@router.post("/start", response_model=StatusSaid)
async def start_account(name: str, write: TradersLongWrite) -> Response:
    """Trade as before; where its schedule rests, which a token of admin may change, let that run."""
    may_activate = write.visitor.rights.include(Rights.ADMIN)
    with refusing():
        return await write.once(lambda: start(_ordering(write, name), may_activate=may_activate))


@router.post("/stop", response_model=StatusSaid)
async def stop_account(name: str, write: AdminsWrite) -> Response:
    """Let the schedule of the account rest; what it holds is kept."""
    with refusing():
        return await write.once(lambda: stop(_ordering(write, name)))


@router.post("/pause", response_model=StatusSaid)
async def pause(name: str, write: TradersWrite) -> Response:
    """Open nothing more, at once; what reduces a position goes on."""
    return await _pause(name, write)


@router.post("/stopentry", response_model=StatusSaid)
async def stop_entry(name: str, write: TradersWrite) -> Response:
    """Pause, under its other name."""
    return await _pause(name, write)


@router.post("/stopbuy", response_model=StatusSaid)
async def stop_buy(name: str, write: TradersWrite) -> Response:
    """Pause, under its old name."""
    return await _pause(name, write)


@router.post("/reload_config", response_model=StatusSaid)
async def reload_config(name: str, write: AdminsWrite) -> Response:
    """Check the files as they are now, and bring the deployments of the account in line; nothing is lifted."""
    with refusing():
        return await write.once(lambda: reload_files(_ordering(write, name)))


@router.post("/forceexit", response_model=ResultSaid)
async def force_exit(name: str, wanted: ForceExit, write: TradersWrite) -> Response:
    """Reduce only, and close at the venue what a trade has, or `all`; that goes on after the reply."""

    async def act() -> ResultSaid:
        found = await begin_exit(_ordering(write, name), str(wanted.tradeid))
        write.room.begin(close_apart([found.account], found.scope, who=write.visitor.name, why=WHY))
        return found.said

    with halting_otherwise(TradingState.REDUCE_ONLY):
        return await write.once(act)


async def _pause(name: str, write: Write) -> Response:
    with halting_otherwise(TradingState.REDUCE_ONLY):
        return await write.once(lambda: pause_entries(_ordering(write, name)))


def _ordering(write: Write, name: str) -> Ordering:
    room = write.room
    return Ordering(room.desk, room.chosen, room.clock, name, write.visitor.name)


def _token(request: Request) -> str:
    token = token_in(request)
    if token is None:
        found = "expected a token as the password, or as a bearer token, found a session"
        raise HTTPException(HTTPStatus.UNAUTHORIZED, found)
    return token
