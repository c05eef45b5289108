"""From portfolio.yaml to money that has moved: which accounts the desk serves itself, and what it leaves to people."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from blocks.carrying import carry_out_moves, propose, settle_open
from blocks.treasuries import converter_of, treasury_between
from desk.adapters.settings import settings
from desk.model.books import TradingState
from desk.model.moves import MoveState
from desk.model.scopes import Scope
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated
from tests.flows.installation import Installation
from tests.flows.test_live_scan import VENUES
from tests.rising import RisingFeed

COINBASE, SPOT, FUTURES = VENUES[1:4]
NAMES = {"coins": COINBASE, "spot": SPOT, "futures": FUTURES}
PORTFOLIO = {
    "targets": {"spot": {"weight": 0.3}, "futures": {"weight": 0.7}},
    "transfers": {"minimum": 1, "maximum": 50_000, "together": 50_000},
    "conversions": [
        {"account": "coins", "currency": "USDC", "instrument": "USDC/USD", "below": 1, "up_to": 500, "maximum": 400}
    ],
    "carry_out": True,
    "carrying": {"minimum": 1, "maximum": 50_000, "a_day": 100_000, "givers": ["spot", "coins"]},
}


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    feed = RisingFeed(datetime.now(UTC) - timedelta(days=1))
    with simulated(Plan(feed=feed, venues=("coinbase", "kucoin", "kucoin_futures"))) as running:
        yield running


@pytest.fixture
async def fleet(installation: Installation, addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """Three live accounts at simulators, two of them of one login; the ledger has valued all of them."""
    steer(addresses, "/reset")
    whole: dict[str, dict[str, object]] = {"connections": {}, "feeds": {}, "venues": {}, "accounts": {}}
    for name, venue in NAMES.items():
        part = venue.configuration(addresses.venues[venue.dialect])
        keys = {key: f"TEST_{venue.kind.upper()}_{key.upper()}" for key in venue.keys}
        published = find_dialects((venue.dialect,))[venue.dialect].VENUE.secrets
        for key, variable in keys.items():
            monkeypatch.setenv(variable, published[venue.keys[key]])
        whole["connections"][name] = {**part["connections"]["simulated"], "secrets": keys}
        whole["feeds"][name] = {"kind": "venue", "connection": name}
        whole["venues"] |= part["venues"]
        whole["accounts"][name] = {**part["accounts"]["trader"], "feed": name}
    whole["accounts"]["coins"]["instruments"] = ["BTC/USDC"]
    written = {**whole, "fleet_rates": {"USDT": 1}}
    (installation.config / "accounts.yaml").write_text(json.dumps(written))
    (installation.config / "portfolio.yaml").write_text(json.dumps(PORTFOLIO))
    settings.cache_clear()
    now = datetime.now(UTC)
    for name, venue in NAMES.items():
        lease = await installation.ledger.acquire_lease(name, "a scan", now, timedelta(0), venue=venue.kind)
        assert lease is not None
        await installation.ledger.record_equity(name, now, Decimal(100_000), Decimal(100_000))
    return installation


def steer(addresses: Addresses, path: str, form: object = None) -> None:
    httpx.post(f"{addresses.admin}{path}", json=form).raise_for_status()


def truth(addresses: Addresses, venue: str) -> Decimal:
    told = httpx.get(f"{addresses.admin}/truth", params={"venue": venue}).json()
    return Decimal(told["accounts"][0]["cash"])


async def test_a_plan_is_carried_out_at_the_venues_that_can(fleet: Installation, addresses: Addresses) -> None:
    proposal = await propose()
    assert [str(move) for move in proposal.moves] == [
        "move 40,000.00 USDT from spot to futures",
        "convert 400.00 USD of coins into USDC",
    ]
    assert (proposal.is_real, proposal.notes) == (False, ())
    outcomes = await carry_out_moves(proposal.moves)
    assert [outcome.state for outcome in outcomes] == [MoveState.DONE] * 2, outcomes
    assert (truth(addresses, "kucoin"), truth(addresses, "kucoin_futures")) == (60_000, 140_000)
    assert (await propose()).moves == ()


async def test_after_a_move_in_doubt_nothing_more_is_sent_before_it_is_known(
    fleet: Installation, addresses: Addresses
) -> None:
    fault = {"place": "after", "kind": "reset", "path": "universal-transfer"}
    steer(addresses, "/faults", [fault])
    moves = (await propose()).moves
    first, second = await carry_out_moves(moves)
    assert (first.state, second.state) == (MoveState.UNKNOWN, MoveState.PLANNED)
    assert "what became of the move before it" in second.detail
    [settled] = await settle_open()
    assert settled.state is MoveState.DONE
    assert truth(addresses, "kucoin") == 60_000


async def test_an_account_that_another_run_holds_is_left_alone(fleet: Installation, addresses: Addresses) -> None:
    now = datetime.now(UTC)
    [move, _] = (await propose()).moves
    assert await fleet.ledger.acquire_lease("futures", "a scan", now, timedelta(minutes=1), venue="kucoin")
    [outcome] = await carry_out_moves([move])
    assert (outcome.state, outcome.detail) == (MoveState.PLANNED, "another run holds futures; try again")
    assert truth(addresses, "kucoin") == 100_000


async def test_a_word_that_is_taken_back_after_the_plan_counts(fleet: Installation, addresses: Addresses) -> None:
    moves = (await propose()).moves
    (fleet.config / "portfolio.yaml").write_text(json.dumps({**PORTFOLIO, "carry_out": False}))
    assert {outcome.state for outcome in await carry_out_moves(moves)} == {MoveState.PLANNED}
    assert truth(addresses, "kucoin") == 100_000


async def test_what_the_desk_cannot_do_is_left_to_people_with_the_reason(fleet: Installation) -> None:
    known = fleet.opened.fleet()
    spot, futures, coins = (known.account(name) for name in ("spot", "futures", "coins"))
    paper = spot.model_copy(update={"mode": "paper"})
    dollars = futures.model_copy(update={"currency": "USD"})
    assert treasury_between(spot, dollars) == "they count in USDT and USD"
    assert treasury_between(spot, paper) == "they are accounts of different kinds: live and paper"
    assert "only KuCoin moves money" in str(treasury_between(coins, dollars))
    assert converter_of(spot, "USDC/USDT") == "the desk sends no order for it"
    assert converter_of(coins, "BTC/USD") == "the desk sends no order for it"
    plain = coins.model_copy(update={"instruments": ("BTC/USD",)})
    assert "its equity leaves that out" in str(converter_of(plain, "USDC/USD"))
    assert "counts in USDC, not in USD" in str(converter_of(coins.model_copy(update={"currency": "USDC"}), "USDC/USD"))


async def test_other_keys_may_be_of_another_customer(fleet: Installation) -> None:
    path = fleet.config / "accounts.yaml"
    written = json.loads(path.read_text())
    written["connections"]["futures"]["secrets"]["key"] = "OTHER_KEY"
    path.write_text(json.dumps(written))
    known = fleet.opened.fleet()
    assert "may be of different customers" in str(treasury_between(known.account("spot"), known.account("futures")))


async def test_a_halt_of_the_one_that_receives_stops_it_too(fleet: Installation, addresses: Addresses) -> None:
    await fleet.ledger.set_trading_state(
        str(Scope(account="futures")), TradingState.REDUCE_ONLY, who="me", why="a storm"
    )
    [move, _] = (await propose()).moves
    [outcome] = await carry_out_moves([move])
    assert (outcome.state, "a storm" in outcome.detail) == (MoveState.PLANNED, True)
    assert truth(addresses, "kucoin") == 100_000
