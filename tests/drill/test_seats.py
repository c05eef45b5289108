"""A drill takes the operator's accounts as they are, to the simulator of their venue."""

from pathlib import Path

import pytest

from desk.accounts import Fleet
from desk.adapters.configuration import read_fleet
from desk.errors import ConfigError
from desk.model.cycle import Mode
from drill.running import OWN_FLEET, faults_named
from drill.season import FAULTS
from drill.seats import DIALECTS, seat

SAMPLE = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return read_fleet(SAMPLE)


def test_every_account_of_the_sample_sits_at_the_simulator_of_its_venue(fleet: Fleet) -> None:
    seating = seat(fleet)
    assert list(seating.seats) == ["oanda", "coinbase", "kucoin", "aster"]
    assert [len(row) for row in seating.seats.values()] == [10, 2, 2, 2]
    assert seating.left_out == {"kucoin-universe": "it trades a universe and no fixed list"}


def test_an_account_keeps_what_it_trades_and_decides_by(fleet: Fleet) -> None:
    (first, _) = seat(fleet, ["oanda-momentum"]).seats["oanda"]
    own = fleet.accounts["oanda-momentum"]
    assert (first.account.instruments, first.account.strategies) == (own.instruments, own.strategies)
    assert first.policy is fleet.policies["oanda-momentum"]
    assert first.account.mode is Mode.LIVE


def test_an_account_that_is_alone_gets_a_twin_of_another_name(fleet: Fleet) -> None:
    row = seat(fleet, ["aster-perpetual"]).seats["aster"]
    assert [(one.name, one.place) for one in row] == [("aster-perpetual", 1), ("aster-perpetual-2", 2)]


def test_only_the_venues_that_are_wanted_are_drilled(fleet: Fleet) -> None:
    assert list(seat(fleet, dialects=["kucoin"]).seats) == ["kucoin"]


def test_an_account_whose_venue_has_no_simulator_is_left_out_with_a_reason(fleet: Fleet) -> None:
    account = fleet.accounts["kucoin-spot"].model_copy(update={"instruments": ("ABC/USDT",)})
    changed = Fleet(fleet.directory, {"kucoin-spot": account}, {}, fleet.feeds, fleet.venues, fleet.policies)
    seating = seat(changed)
    assert (seating.seats, list(seating.left_out)) == ({}, ["kucoin-spot"])


def test_the_fleet_of_the_drill_has_two_accounts_at_every_dialect() -> None:
    seating = seat(read_fleet(OWN_FLEET))
    assert {dialect: len(row) for dialect, row in seating.seats.items()} == dict.fromkeys(DIALECTS, 2)


def test_a_name_that_is_unknown_is_answered_with_the_nearest(fleet: Fleet) -> None:
    with pytest.raises(ConfigError, match=r"unknown account .oanda-momentun.; did you mean .oanda-momentum"):
        seat(fleet, ["oanda-momentun"])


def test_faults_are_named_one_by_one_or_all_or_none() -> None:
    assert faults_named("all") == FAULTS
    assert faults_named("none") == ()
    assert faults_named("f03, F13") == ("F03", "F13")
    with pytest.raises(ConfigError, match="unknown fault 'F99'"):
        faults_named("F99")
