"""The arms of accounts: stored with what was found before, and given up with a word in the audit."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.codec import from_json, to_json
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import ArmRow
from desk.model.arming import Arm, ArmCheck, ArmNeed, CheckResult, restrictions_of
from desk.model.books import Restriction
from desk.model.scopes import Scope

_Checks = tuple[ArmCheck, ...]


class Arms(Repository):
    """Which accounts may open positions at a real venue."""

    async def arm(self, arm: Arm) -> None:
        """Arm an account from the moment this returns, in place of an earlier arm, with a row of the audit."""
        detail = {
            "configuration": arm.config_version,
            "environment": arm.environment,
            "venue account": arm.venue_account,
            "not told": ", ".join(check.name for check in arm.checks if check.result is CheckResult.NOT_TOLD),
        }
        async with self.database.write() as session:
            await session.merge(_row_of(arm))
            await append_audit(session, arm.at, arm.who, "armed", _subject(arm.account), detail)

    async def disarm(self, account: str, *, who: str, why: str) -> bool:
        """Let an account open nothing from the moment this returns; return whether it was armed."""
        async with self.database.write() as session:
            return await self._disarm(session, account, who, why)

    async def refuse_arm(self, account: str, *, who: str, failed: Sequence[ArmCheck]) -> None:
        """Write into the audit that an account was not armed, and why; an earlier arm does not outlive that answer."""
        detail = {check.name: f"expected {check.expected}, found {check.found}" for check in failed}
        async with self.database.write() as session:
            await append_audit(session, self._clock.now(), who, "arming refused", _subject(account), detail)
            await self._disarm(session, account, who, "arming it again was refused")

    async def _disarm(self, session: AsyncSession, account: str, who: str, why: str) -> bool:
        row = await session.get(ArmRow, account)
        if row is None:
            return False
        await session.delete(row)
        detail = {"why": why, "configuration": row.config_version}
        await append_audit(session, self._clock.now(), who, "disarmed", _subject(account), detail)
        return True

    async def arms(self) -> Mapping[str, Arm]:
        """Return every arm, by account, whether or not it fits the configuration as it is now."""
        async with self.database.read() as session:
            rows = (await session.exec(select(ArmRow).order_by(col(ArmRow.account)))).all()
        return {row.account: _arm_from(row) for row in rows}


async def unarmed(session: AsyncSession, needs: Sequence[ArmNeed]) -> tuple[Restriction, ...]:
    """Return what is in force for the accounts that need an arm and have none that fits.

    Args:
        session: of the transaction that sends, so that nothing can be disarmed in between.
        needs: without any, the database is not asked.
    """
    if not needs:
        return ()
    needing = col(ArmRow.account).in_([need.account for need in needs])
    rows = (await session.exec(select(ArmRow).where(needing))).all()
    return restrictions_of(needs, {row.account: _arm_from(row) for row in rows})


def _subject(account: str) -> str:
    return str(Scope(account=account))


def _row_of(arm: Arm) -> ArmRow:
    return ArmRow(
        account=arm.account,
        config_version=arm.config_version,
        environment=arm.environment,
        venue_account=arm.venue_account,
        who=arm.who,
        at=arm.at,
        checks=to_json(_Checks, arm.checks),
    )


def _arm_from(row: ArmRow) -> Arm:
    checks = from_json(_Checks, row.checks)
    return Arm(row.account, row.config_version, row.environment, row.venue_account, row.who, row.at, checks)
