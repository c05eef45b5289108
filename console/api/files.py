"""Replies about the files of the configuration: their state, what they were before, and bringing one back."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from console.api.asking import Admin, InRoom
from console.api.once import AdminsWrite
from console.api.problems import refusing
from console.services.changing import ProposedChange, change, proposed_change
from console.services.configuration import (
    BackupFacts,
    BackupWanted,
    ConfigurationFacts,
    Since,
    configuration_facts,
    list_backups,
    since_backups,
)

router = APIRouter(prefix="/api/config", tags=["configure"])

_Name = Annotated[str, Path(max_length=100, description="As the list of backups has it, or a file for its newest one.")]


class _Restoring(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field("", max_length=300, description="For whoever finds it so; it is kept in the audit.")


@router.get("/files")
async def files(room: InRoom) -> ConfigurationFacts:
    """Every file of the configuration, whether it can be used, and what is wrong in it."""
    return await configuration_facts(room.chosen, room.files.in_force())


@router.get("/backups")
async def backup_list(
    room: InRoom, file: Annotated[str | None, Query(max_length=100, description="One file; all without.")] = None
) -> tuple[BackupFacts, ...]:
    """What the files were before their last changes, oldest first."""
    return await asyncio.to_thread(list_backups, room.chosen, file)


@router.get("/backups/{name}")
async def backup_difference(name: _Name, room: InRoom, _admin: Admin) -> tuple[Since, ...]:
    """What has changed in a file since a backup, comments too, so that it takes the right `admin`."""
    with refusing():
        return await asyncio.to_thread(since_backups, room.chosen, name)


@router.post("/backups/{name}/restore", response_model=ProposedChange)
async def backup_restore(name: _Name, restoring: _Restoring, write: AdminsWrite) -> Response:
    """Bring a file back to what a backup has; the next scan goes by it."""
    room, wanted = write.room, BackupWanted(name)

    async def restore() -> ProposedChange:
        shown = await proposed_change(room.chosen, wanted)
        if not shown.changed:
            return shown
        who, why = write.visitor.name, restoring.why
        return await change(
            room.ledger, room.chosen, wanted, agreed=shown.digest, who=who, why=why, at=room.clock.now()
        )

    with refusing():
        return await write.once(restore)
