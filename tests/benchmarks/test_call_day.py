"""The first half hour of the day of ten OANDA accounts: no call more than there has to be, at the pace of the goal."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.call_day import GOAL, SCANS, START, Rehearsal
from simulator.server import Plan, simulated

SCANNED = range(1, 7)
"""After the first scan, which fetches what later ones extend."""


@pytest.fixture
async def rehearsal(tmp_path: Path) -> AsyncIterator[Rehearsal]:
    with simulated(Plan(venues=("oanda",), start=START, speed=0)) as addresses:
        async with Rehearsal(addresses, tmp_path) as opened:
            yield opened


async def test_half_an_hour_of_ten_accounts_is_within_its_share_of_the_day(rehearsal: Rehearsal) -> None:
    await rehearsal.run(range(1))
    first, orders = Counter(rehearsal.transport.calls), await rehearsal.day.orders()
    # Ten accounts, and 21 pairs of instrument and timeframe.
    assert (first["GET account/instruments"], first["GET /v3/instruments/…/candles"]) == (10, 21)
    await rehearsal.run(SCANNED)
    calls, orders = rehearsal.transport.calls - first, await rehearsal.day.orders() - orders
    scans = len(SCANNED)
    assert calls.total() < GOAL * scans / SCANS
    # One for everything that closed; the two pairs of M1 candles missed four, which nothing but a fetch brings.
    assert calls["GET account/candles/latest"] == scans
    assert calls["GET /v3/instruments/…/candles"] == 2 * scans
    # One for the first five accounts in the 15 seconds after a close, one for the others.
    assert calls["GET account/pricing"] == 2 * scans
    assert 10 * scans <= calls["GET account"] <= 10 * scans + orders
    assert calls["POST account/orders"] == orders > 0
    assert "GET account/instruments" not in calls
