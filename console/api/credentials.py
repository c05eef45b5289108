"""Replies about the keys of the connections; what changes them or tries them out takes the right `admin`."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from console.api.asking import Admin, AtDesk, InRoom
from console.api.problems import refusing
from console.services.credentials import (
    CredentialFacts,
    NewCredential,
    examine_credential,
    list_credentials,
    put_credential,
)
from desk.adapters.credentials.chain import credentials
from desk.adapters.venues.examining import Answer

router = APIRouter(prefix="/api/config", tags=["configure"])

_Name = Annotated[str, Path(max_length=64, description="As accounts.yaml names it.")]


class _NewKey(BaseModel):
    """A key, and why it is put in place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: SecretStr = Field(max_length=60_000, description="The key itself; nothing ever answers with it.")
    why: str = Field("", max_length=300, description="For whoever finds it so; it is kept in the audit.")


@router.get("/credentials")
async def credential_list(room: InRoom, desk: AtDesk) -> tuple[CredentialFacts, ...]:
    """Every key that a connection names: who needs it, where it is found, its last four characters."""
    return await list_credentials(desk.fleet, credentials(room.chosen))


@router.put("/credentials/{name}")
async def credential_put(name: _Name, key: _NewKey, room: InRoom, desk: AtDesk, admin: Admin) -> CredentialFacts:
    """Put a key in place. The same one again changes nothing; no Idempotency-Key, whose digest would be kept."""
    new = NewCredential(name, key.value, admin.name, key.why)
    async with room.turns:
        with refusing():
            return await put_credential(desk.ledger, desk.fleet, credentials(room.chosen), new)


@router.post("/credentials/{name}/test")
async def credential_test(name: _Name, room: InRoom, desk: AtDesk, admin: Admin) -> dict[str, tuple[Answer, ...]]:
    """Ask the venues that a key is for one question of each kind, as who may do everything."""
    with refusing():
        return dict(await examine_credential(desk.fleet, credentials(room.chosen), name))
