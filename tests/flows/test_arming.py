"""Arming, from the scan's side: an account at a real venue opens nothing until a person has armed it as it is now.

The real venue is pretended: the connection is of environment `live`, and its host leads to the simulator.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from blocks.arming import arm, find_candidate
from blocks.flattening import flatten_account
from blocks.resources import Resources
from desk.accounts.arming import needs_arming
from desk.adapters.clocks import SystemClock
from desk.adapters.settings import settings
from desk.adapters.venues.reached import Tools
from desk.adapters.venues.reaching import reach
from desk.model.arming import CheckResult
from desk.model.books import TradingState
from desk.model.orders import OrderState
from desk.model.reasons import Reason
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated
from tests.blocks.test_resources import edit
from tests.builders import intent
from tests.elsewhere import Elsewhere
from tests.flows.installation import Installation
from tests.flows.test_live_scan import VENUES, Truth
from tests.rising import RisingFeed

pytestmark = pytest.mark.prefect

COINBASE = next(venue for venue in VENUES if venue.dialect == "coinbase")
POLICY = """\
policies:
  open:
    sizing: {name: fixed_fraction, parameters: {fraction: 0.005, max_notional_fraction: 0.2}}
    entry_score: 0.0001
    exit_score: 0.3
    rules: [{name: position_size}, {name: total_exposure}]
    breaker: {daily_loss_fraction: 0.2, drawdown_fraction: 0.5, orders_per_hour: 60}
"""


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(venues=("coinbase",), feed=RisingFeed(datetime.now(UTC) - timedelta(days=1)))) as running:
        yield running


async def pretend(opened: Resources, addresses: Addresses) -> None:
    """Let the connection's host lead to the simulator; nothing that was read there before is remembered."""
    for earlier in opened._reached.values():
        await earlier.close()
    spec = opened.fleet().connections["simulated"]
    tools = Tools(SystemClock(), transport=Elsewhere({"api.coinbase.com": addresses.venues["coinbase"]}))
    keys = opened.rotation.keys_of("simulated", spec)
    opened._reached["simulated", spec.model_dump_json(), *keys.items()] = reach("simulated", spec, tools)


@pytest.fixture
def admin(addresses: Addresses) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=addresses.admin) as client:
        client.post("/reset").raise_for_status()
        yield client


@pytest.fixture
async def real(
    installation: Installation, addresses: Addresses, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> Truth:
    """The installation with one live account at a venue that passes for a real one; the switch for it is on."""
    written: dict[str, Any] = COINBASE.configuration("")
    connection = written["connections"]["simulated"]
    del connection["url"]
    connection["environment"] = "live"
    (installation.config / "accounts.yaml").write_text(json.dumps(written))
    (installation.config / "policy.yaml").write_text(POLICY)
    published = find_dialects(("coinbase",))["coinbase"].VENUE.secrets
    for part, name in COINBASE.keys.items():
        monkeypatch.setenv(f"TEST_{part.upper()}", published[name])
    allow(installation, monkeypatch, "yes")
    await pretend(installation.opened, addresses)
    return Truth(COINBASE, admin)


def allow(installation: Installation, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Say whether real money may be traded, as a process that is started now would find it."""
    monkeypatch.setenv("DESK_ALLOW_LIVE", word)
    settings.cache_clear()
    opened, is_allowed = installation.opened, settings().allows_live
    opened.ledger._needs = lambda: needs_arming(opened.fleet(), allows_live=is_allowed)


async def armed() -> None:
    await arm(await find_candidate("trader"), who="ana")


async def refusals(installation: Installation) -> list[tuple[Reason | None, str]]:
    """What the newest cycle's findings about the trading state say."""
    (summary,) = await installation.ledger.summaries()
    record = await installation.record("trader", summary.last_cycle.key.candle_close)
    findings = (finding for verdict in record.decision.verdicts for finding in verdict.findings)
    return [(one.reason, one.detail) for one in findings if one.rule == "trading_state"]


async def test_an_account_that_is_not_armed_is_scanned_and_opens_nothing(desk, real):
    state = await desk.scan("trader", None)

    assert state.name == "Held"
    assert real.orders() == []
    [(reason, detail)] = await refusals(desk.installation)
    assert reason is Reason.NOT_ARMED
    assert "not armed: run `desk arm trader`" in detail


async def test_once_armed_it_trades_and_another_configuration_only_closes(desk, real):
    await armed()
    assert (await desk.scan("trader", None)).name == "Traded"

    edit(desk.installation, "fraction: 0.005", "fraction: 0.004", file="policy.yaml")
    assert await desk.installation.ledger.trading_state("trader", "coinbase") is TradingState.REDUCE_ONLY
    done = await flatten_account("trader", run="flatten", who="ana", why="test")

    assert done.left == ()
    assert await desk.installation.ledger.positions("trader") == ()
    assert [order["side"] for order in real.orders()] == ["buy", "sell"]


async def test_a_configuration_that_changes_after_the_decision_keeps_its_entries_back(desk, real):
    await armed()
    ledger = desk.installation.ledger
    lease = await ledger.acquire_lease("trader", "run", SystemClock().now(), timedelta(minutes=1), venue="coinbase")
    assert lease is not None
    asked = replace(intent("sd-1"), account="trader")
    await ledger.store_intents([asked])

    edit(desk.installation, "fraction: 0.005", "fraction: 0.004", file="policy.yaml")

    assert not await ledger.start_sending("sd-1", lease)
    order = (await ledger.store_intents([asked]))["sd-1"]
    assert order.state is OrderState.CANCELLED
    assert "NOT_ARMED: armed for configuration" in order.reason


async def test_real_money_needs_the_switch_in_the_process_that_scans(desk, real, monkeypatch):
    await armed()
    allow(desk.installation, monkeypatch, "no")

    state = await desk.scan("trader", None)

    assert state.name == "Held"
    assert real.orders() == []
    [(reason, detail)] = await refusals(desk.installation)
    assert reason is Reason.NOT_ARMED
    assert "DESK_ALLOW_LIVE is not yes" in detail


async def test_without_the_switch_it_cannot_be_armed(desk, real, monkeypatch):
    allow(desk.installation, monkeypatch, "no")
    candidate = await find_candidate("trader")
    assert [check.name for check in candidate.failed] == ["DESK_ALLOW_LIVE"]


async def test_an_order_without_a_known_outcome_keeps_it_from_being_armed(desk, real):
    ledger = desk.installation.ledger
    await ledger.store_intents([replace(intent("sd-1"), account="trader")])
    lease = await ledger.acquire_lease("trader", "run", SystemClock().now(), timedelta(minutes=1), venue="coinbase")
    await armed()
    assert await ledger.start_sending("sd-1", lease)
    await ledger.release_lease(lease)

    [failed] = (await find_candidate("trader")).failed
    assert (failed.name, failed.found) == ("orders", "sd-1 (sending)")
    assert "desk reconcile trader" in failed.advice


async def test_a_position_that_the_venue_does_not_have_keeps_it_from_being_armed(desk, real, addresses):
    await armed()
    await desk.scan("trader", None)
    assert {check.result for check in (await find_candidate("trader")).checks} == {
        CheckResult.PASS,
        CheckResult.NOT_TOLD,
    }
    real.admin.post("/reset").raise_for_status()
    await pretend(desk.installation.opened, addresses)

    [failed] = (await find_candidate("trader")).failed
    assert failed.name == "positions"
    assert "the venue holds 0" in failed.found
