"""The record of a scan that the worker does not start, because its candle is too old."""

from prefect.client.schemas.objects import FlowRun

from blocks.account import cycle_of
from blocks.resources import resources
from desk.adapters.clocks import SystemClock
from flows.hooks import moment

_WITHOUT_CYCLES = {"watch", "fleet"}
"""Tags of deployments whose runs look at what there is now, so that a late one leaves nothing to tell."""


async def record_skipped(flow_run: FlowRun) -> None:
    """Record a scheduled scan that was not started because its candle is too old; other flows have no cycles."""
    if _WITHOUT_CYCLES & set(flow_run.tags):
        return
    spec, key = cycle_of(
        flow_run.parameters["account"],
        at=moment(flow_run.parameters.get("at")),
        scheduled_for=flow_run.expected_start_time,
    )
    now = SystemClock().now()
    detail = f"not started: scheduled for {flow_run.expected_start_time:%Y-%m-%d %H:%M:%S} UTC"
    await resources().ledger.record_skipped(key, spec.mode, detail, now, str(flow_run.id))
