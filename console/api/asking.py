"""What replies take from a request: the room, the visitor with enough rights, the page that is wanted."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request

from console.api.room import Room
from console.services.opening import OpenDesk
from console.services.paging import Turn
from desk.model.access import Rights, Visitor


def room_of(request: Request) -> Room:
    """Return the room of the app that was asked."""
    room = request.app.state.room
    assert isinstance(room, Room), room
    return room


def desk_of(request: Request) -> OpenDesk:
    """Return what services stand on."""
    return room_of(request).desk


def visitor_of(request: Request) -> Visitor:
    """Return who asks; the gate let nobody else pass."""
    visitor = request.state.visitor
    assert isinstance(visitor, Visitor), visitor
    return visitor


def turn_of(
    after: Annotated[str, Query(max_length=200, description="`next` of the page before; the first without.")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="Rows of a page.")] = 50,
) -> Turn:
    """Return the page that is wanted."""
    return Turn(after, limit)


def trader_of(request: Request) -> Visitor:
    """Return who asks, where that may trade.

    Raises:
        HTTPException: 403 where not.
    """
    return require(visitor_of(request), Rights.TRADE)


def admin_of(request: Request) -> Visitor:
    """Return who asks, where that may do everything.

    Raises:
        HTTPException: 403 where not.
    """
    return require(visitor_of(request), Rights.ADMIN)


def require(visitor: Visitor, needed: Rights) -> Visitor:
    """Let a visitor pass who may do what needs these rights.

    Raises:
        HTTPException: 403 where not.
    """
    if not visitor.rights.include(needed):
        found = f"expected the right '{needed}', found '{visitor.rights}' of {visitor.name}"
        raise HTTPException(HTTPStatus.FORBIDDEN, found)
    return visitor


InRoom = Annotated[Room, Depends(room_of)]
AtDesk = Annotated[OpenDesk, Depends(desk_of)]
AnyVisitor = Annotated[Visitor, Depends(visitor_of)]
Admin = Annotated[Visitor, Depends(admin_of)]
Trader = Annotated[Visitor, Depends(trader_of)]
Turned = Annotated[Turn, Depends(turn_of)]
