"""The pure middle of a scan, stage by stage."""

from prefect import get_run_logger

from blocks.account import OpenAccount
from desk import decide
from desk.model.books import Snapshot
from desk.model.cycle import CycleRecord, Decision
from desk.steps.cycles import record_decision
from desk.steps.report import rows_of
from tasks.house import desk_task


@desk_task(timeout_seconds=30, keeps_result=False)
async def propose_trades(account: OpenAccount, snapshot: Snapshot, decision: Decision) -> Decision:
    """Turn signals into sized proposals, or say why there is none."""
    return decide.propose_trades(account.policy, snapshot, decision)


@desk_task(timeout_seconds=30, keeps_result=False)
async def risk_check(account: OpenAccount, record: CycleRecord, snapshot: Snapshot, decision: Decision) -> CycleRecord:
    """Ask every risk rule about every proposal, and write the decision down before anything is sent."""
    decided = decide.risk_check(account.policy, snapshot, decision)
    recorded = await record_decision(
        record, snapshot, decided, account.ledger, now=account.wall.now(), lease=account.lease
    )
    for row in rows_of(recorded):
        get_run_logger().info("%s %s: %s", row["instrument"], row["outcome"], row["reason"])
    return recorded
