"""Choices of universes in the ledger: kept to the last digit, found by time, fenced like all that a scan writes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.errors import LeaseLost
from desk.universe.choosing import Choice, Chosen, Place, Standing
from tests.builders import CLOSE

STANDINGS = (
    Standing("BTC/USDT", Place.TIER, "tier majors", spread_bps=Decimal("0.604706887233503788")),
    Standing("SOL/USDT", Place.RANKED, "place 1 by turnover", 1, Decimal("228073381.01848817"), Decimal(2), 31),
    Standing("ABC/USDT", Place.AGE, "traded for 3 days, below 30", age_days=3),
)
CHOICE = Choice("sample", CLOSE, "coins", "c0ffee", STANDINGS)
HOUR = timedelta(hours=1)


async def test_a_choice_is_found_by_every_candle_until_the_next_one(ledger: Ledger) -> None:
    later = replace(CHOICE, candle_close=CLOSE + HOUR, standings=STANDINGS[:1])
    await ledger.store_universe_choice(CHOICE)
    await ledger.store_universe_choice(later)
    assert await ledger.universe_choice("sample", CLOSE) == CHOICE
    assert await ledger.universe_choice("sample", CLOSE + HOUR / 2) == CHOICE
    assert await ledger.universe_choice("sample", CLOSE + HOUR) == later
    assert await ledger.universe_choice("sample") == later
    assert await ledger.universe_choice("sample", CLOSE - HOUR) is None
    assert await ledger.universe_choice("other") is None


async def test_a_cycle_goes_by_the_members_in_their_order_and_is_told_nothing_else(ledger: Ledger) -> None:
    many = (*STANDINGS, *(replace(STANDINGS[1], instrument=f"C{rank}/USDT", rank=rank) for rank in range(2, 13)))
    choice = replace(CHOICE, candle_close=CLOSE + HOUR, config_version="decaf", standings=many)
    for one in (CHOICE, choice, replace(CHOICE, account="other")):
        await ledger.store_universe_choice(one)
    assert await ledger.chosen_instruments("sample", CLOSE + HOUR / 2) == CHOICE.chosen
    assert await ledger.chosen_instruments("sample", CLOSE + HOUR) == choice.chosen
    assert choice.chosen.instruments[:3] == ("BTC/USDT", "SOL/USDT", "C2/USDT")
    assert (choice.chosen.config_version, len(choice.chosen.instruments)) == ("decaf", 13)
    assert await ledger.chosen_instruments("sample", CLOSE - HOUR) is None


async def test_one_that_chose_nothing_is_a_choice_all_the_same(ledger: Ledger) -> None:
    await ledger.store_universe_choice(replace(CHOICE, standings=STANDINGS[2:]))
    assert await ledger.chosen_instruments("sample", CLOSE) == Chosen(CLOSE, "c0ffee", ())


async def test_the_same_cycle_s_again_replaces_it(ledger: Ledger) -> None:
    await ledger.store_universe_choice(CHOICE)
    again = replace(CHOICE, standings=STANDINGS[1:])
    await ledger.store_universe_choice(again)
    assert await ledger.universe_choice("sample") == again


async def test_a_run_whose_account_was_taken_over_chooses_nothing(ledger: Ledger) -> None:
    first = await ledger.acquire_lease("sample", "run-1", CLOSE, HOUR / 60, venue="kucoin")
    second = await ledger.acquire_lease("sample", "run-2", CLOSE + HOUR, HOUR, venue="kucoin")
    assert first is not None
    assert second is not None
    with pytest.raises(LeaseLost):
        await ledger.store_universe_choice(CHOICE, lease=first)
    assert await ledger.universe_choice("sample") is None
    await ledger.store_universe_choice(CHOICE, lease=second)
    assert await ledger.universe_choice("sample") == CHOICE
