"""Replies about what people were told, and what of it has not arrived."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from console.api.asking import InRoom, Turned
from console.services.messages import MessageFilter, Undelivered, message_page, undelivered
from console.services.paging import Page
from desk.model.messages import Told

router = APIRouter(prefix="/api", tags=["look"])


def filter_of(
    kind: Annotated[str, Query(max_length=20, description="What they are about, such as failure.")] = "",
    target: Annotated[str, Query(max_length=200, description="The name of a place that they went to.")] = "",
    state: Annotated[str, Query(max_length=10, description="waiting, sent, dead, or off.")] = "",
) -> MessageFilter:
    """Return which messages are wanted."""
    return MessageFilter(kind, target, state)


@router.get("/messages")
async def messages(room: InRoom, wanted: Annotated[MessageFilter, Depends(filter_of)], turn: Turned) -> Page[Told]:
    """What people were told and what became of it at each place, the newest first."""
    return await message_page(room.ledger, wanted, turn)


@router.get("/messages/undelivered")
async def missing(room: InRoom) -> Undelivered:
    """How many messages wait for another attempt, and how many were given up."""
    return await undelivered(room.ledger)
