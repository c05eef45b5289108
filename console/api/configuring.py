"""Replies that show what a change of the configuration would come to, and write it as it was shown."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from console.api.asking import Admin, InRoom
from console.api.once import AdminsWrite
from console.services.changing import ChangeWanted, ProposedChange, change, proposed_change

router = APIRouter(prefix="/api/configuration", tags=["configure"])

_Path = Annotated[str, Field(max_length=300)]
_Value = Annotated[str, Field(max_length=10_000)]


class Wanted(BaseModel):
    """What is to be written, by paths such as `accounts.oanda-swing.timeframe`, and what is to be removed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: Mapping[_Path, _Value] = Field(default_factory=dict, max_length=100)
    removed: tuple[_Path, ...] = Field((), max_length=100)

    @property
    def order(self) -> ChangeWanted:
        """The same, as the service takes it."""
        return ChangeWanted(self.values, self.removed)


class Agreed(Wanted):
    """The same, agreed to as it was shown."""

    digest: str = Field(max_length=64, description="That of the proposed change.")
    why: str = Field("", max_length=300, description="For whoever finds it so; it is kept in the audit.")


@router.post("/propose")
async def propose(wanted: Wanted, room: InRoom, _visitor: Admin) -> ProposedChange:
    """Show what a change would come to; nothing is written."""
    return await proposed_change(room.chosen, wanted.order)


@router.post("/change", response_model=ProposedChange)
async def carry_out(agreed: Agreed, write: AdminsWrite) -> Response:
    """Write a change as it was shown; the next scan goes by it."""
    room = write.room
    return await write.once(
        lambda: change(
            *(room.ledger, room.chosen, agreed.order),
            agreed=agreed.digest,
            who=write.visitor.name,
            why=agreed.why,
            at=room.clock.now(),
        )
    )
