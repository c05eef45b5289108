"""Choosing the instruments of a cycle: cheaply, once in a while, committed before anything is decided by it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from desk.errors import AccessDenied, DataError, InvalidOrder, OrderRefused, VenueError, VenueUnavailable
from desk.model.books import Position
from desk.model.candles import Candles
from desk.model.cycle import CycleKey
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from desk.ports import Lease
from desk.steps.universe import enter_universe
from desk.universe.choosing import Choice, Chosen, Place
from desk.universe.rules import DynamicPart, UniverseRules
from tests.builders import CLOSE, policy, position
from tests.desk.steps.fakes import FakeFeed

COINS = UniverseRules("coins", "USD", frozenset({InstrumentKind.SPOT}), DynamicPart(count=3))
ALL = replace(COINS, kinds=frozenset())
LEASE = Lease("sample", "run-1", 1)
SILENT = VenueUnavailable("fake", "quotes", "503", "maintenance")


class FakeChoices:
    """Keeps choices and positions in memory."""

    def __init__(self, *held: Position) -> None:
        self.choices: list[Choice] = []
        self.held = held
        self.leases: list[Lease | None] = []

    async def chosen_instruments(self, account: str, at: datetime) -> Chosen | None:
        known = [one for one in self.choices if one.candle_close <= at]
        return known[-1].chosen if known else None

    async def store_universe_choice(self, choice: Choice, *, lease: Lease | None = None) -> None:
        self.choices.append(choice)
        self.leases.append(lease)

    async def positions(self, account: str) -> tuple[Position, ...]:
        return self.held


async def enter(feed, log, *, rules=COINS, after=timedelta(0), config_version="c0ffee", **changes) -> tuple[str, ...]:
    key, decides = CycleKey("sample", CLOSE + after), policy(universe=rules, instruments=())
    entered = await enter_universe(
        decides, key, config_version=config_version, feed=feed, log=log, at=CLOSE + after, lease=LEASE, **changes
    )
    return entered.instruments


def places(log: FakeChoices) -> Mapping[str, Place]:
    return {one.instrument: one.place for one in log.choices[-1].standings}


async def test_a_choice_is_committed_under_the_lease_with_every_reason():
    log = FakeChoices()
    assert await enter(FakeFeed(), log) == ("BTC/USD",)
    assert (log.choices[0].account, log.choices[0].candle_close, log.choices[0].universe) == ("sample", CLOSE, "coins")
    assert log.leases == [LEASE]
    assert places(log) == {"BTC/USD": Place.RANKED}


async def test_it_costs_one_call_for_quotes_and_one_for_the_days_of_each_candidate():
    feed = FakeFeed()
    await enter(feed, FakeChoices(), rules=replace(ALL, dynamic=DynamicPart(count=3, minimum_age_days=30)))
    assert [sorted(names) for names in feed.quotes_asked] == [["BTC/USD", "EUR/USD", "XAU/USD"]]
    midnight = CLOSE.replace(hour=0)
    assert sorted(feed.asked) == [(name, Timeframe.D1, midnight, 31) for name in ("BTC/USD", "EUR/USD", "XAU/USD")]


async def test_a_choice_holds_until_it_is_as_old_as_the_universe_says():
    feed, log = FakeFeed(), FakeChoices()
    await enter(feed, log)
    await enter(feed, log, after=timedelta(hours=23, minutes=55))
    assert (len(log.choices), len(feed.asked)) == (1, 1)
    await enter(feed, log, after=timedelta(days=1))
    assert (len(log.choices), len(feed.asked)) == (2, 2)


async def test_a_changed_configuration_chooses_anew():
    feed, log = FakeFeed(), FakeChoices()
    await enter(feed, log)
    await enter(feed, log, after=timedelta(minutes=5), config_version="decaf")
    assert [choice.config_version for choice in log.choices] == ["c0ffee", "decaf"]


async def test_turnover_is_that_of_the_last_day_and_unknown_where_volumes_count_ticks():
    log = FakeChoices()
    await enter(FakeFeed(), log, rules=ALL)
    turnover = {one.instrument: one.turnover for one in log.choices[-1].standings}
    assert turnover == {"BTC/USD": Decimal(5_000_000), "EUR/USD": None, "XAU/USD": None}


class Late(FakeFeed):
    """Gives the days of one instrument without the last ones."""

    def __init__(self, instrument: str, days: int) -> None:
        super().__init__()
        self.late, self.days = instrument, days

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        found = await super().candles(instrument, timeframe, until=until, count=count)
        return found.until(until - timedelta(days=self.days)) if instrument == self.late else found


@pytest.mark.parametrize(("days", "turnover"), [(0, Decimal(5_000_000)), (1, None), (2, Decimal(0))])
async def test_a_last_day_that_is_missing_after_one_with_trades_is_not_known_and_not_without_trades(days, turnover):
    log = FakeChoices()
    rules = replace(ALL, dynamic=DynamicPart(count=3, minimum_age_days=3))
    await enter(Late("BTC/USD", days), log, rules=rules)
    (found,) = [one.turnover for one in log.choices[-1].standings if one.instrument == "BTC/USD"]
    assert found == turnover


async def test_one_whose_last_day_is_missing_is_left_out_where_turnover_counts():
    log = FakeChoices()
    rules = DynamicPart(count=3, minimum_age_days=3, minimum_turnover=Decimal(1000))
    await enter(Late("BTC/USD", 1), log, rules=replace(ALL, dynamic=rules))
    assert places(log)["BTC/USD"] is Place.NOT_KNOWN


async def test_nothing_is_chosen_on_a_day_whose_eve_is_missing_everywhere():
    feed, log = Late("BTC/USD", 1), FakeChoices()
    rules = replace(COINS, dynamic=DynamicPart(count=3, minimum_age_days=3))
    with pytest.raises(VenueUnavailable, match="the last day of every candidate is missing"):
        await enter(feed, log, rules=rules)
    feed.days = 0
    await enter(feed, log, rules=rules)
    feed.days = 1
    assert await enter(feed, log, rules=rules, after=timedelta(days=1)) == ("BTC/USD",)
    assert len(log.choices) == 1


async def test_an_instrument_without_usable_days_is_left_out_and_costs_no_other():
    log = FakeChoices()
    assert await enter(FakeFeed({"EUR/USD": DataError("no days")}), log, rules=ALL) == ("BTC/USD", "XAU/USD")
    assert places(log)["EUR/USD"] is Place.NOT_KNOWN


async def test_what_is_held_stays_though_the_universe_does_not_want_it():
    log = FakeChoices(position("XAU/USD", "1"))
    assert await enter(FakeFeed(), log) == ("BTC/USD", "XAU/USD")
    log.held = ()
    assert await enter(FakeFeed(), log, after=timedelta(minutes=5)) == ("BTC/USD",)


@pytest.mark.parametrize("rules", [COINS, replace(ALL, excluded=("XAU/*",))], ids=["of another kind", "excluded"])
async def test_what_is_held_and_not_chosen_is_only_to_close(rules):
    log, decides = FakeChoices(position("XAU/USD", "1"), position("BTC/USD", "1")), policy(universe=rules)
    key = CycleKey("sample", CLOSE)
    entered = await enter_universe(decides, key, config_version="c", feed=FakeFeed(), log=log, at=CLOSE)
    assert "XAU/USD" in entered.instruments
    assert entered.only_to_close == {"XAU/USD"}


async def test_what_its_source_has_no_more_is_left_out_unless_it_is_held():
    feed, log = FakeFeed(), FakeChoices()
    await enter(feed, log, rules=ALL)
    del feed.known["XAU/USD"]
    assert await enter(feed, log, rules=ALL, after=timedelta(hours=1)) == ("BTC/USD", "EUR/USD")
    log.held = (position("XAU/USD", "1"),)
    assert set(await enter(feed, log, rules=ALL, after=timedelta(hours=1))) == {"BTC/USD", "EUR/USD", "XAU/USD"}
    assert len(log.choices) == 1


async def test_a_source_that_does_not_answer_leaves_the_choice_before_in_force():
    feed, log = FakeFeed(), FakeChoices()
    await enter(feed, log)
    feed.fails = SILENT
    assert await enter(feed, log, after=timedelta(days=2)) == ("BTC/USD",)
    assert len(log.choices) == 1


def closed(feed: FakeFeed) -> None:
    feed.quoted = {name: replace(found, tradable=False) for name, found in feed.quoted.items()}


def silent(feed: FakeFeed) -> None:
    feed.quoted = {}


def empty(feed: FakeFeed) -> None:
    feed.known = {}


@pytest.mark.parametrize("breaks", [closed, silent, empty])
async def test_nothing_is_chosen_while_nothing_can_be_traded(breaks):
    feed, log = FakeFeed(), FakeChoices()
    breaks(feed)
    with pytest.raises(VenueUnavailable):
        await enter(feed, log)
    assert log.choices == []


@pytest.mark.parametrize("breaks", [closed, silent])
async def test_the_choice_before_goes_on_while_nothing_can_be_traded_and_is_renewed_as_soon_as_something_can(
    breaks, caplog
):
    feed, log = FakeFeed(), FakeChoices()
    await enter(feed, log)
    usual = feed.quoted
    breaks(feed)
    assert await enter(feed, log, after=timedelta(days=1)) == ("BTC/USD",)
    assert len(log.choices) == 1
    assert "sample: the choice of 2026-01-14 15:00 UTC goes on: universe coins: choosing failed" in caplog.text
    feed.quoted = usual
    await enter(feed, log, after=timedelta(days=1, minutes=5))
    assert [choice.candle_close for choice in log.choices] == [CLOSE, CLOSE + timedelta(days=1, minutes=5)]


async def test_tiers_alone_need_no_price():
    feed, log = FakeFeed(), FakeChoices()
    closed(feed)
    assert await enter(feed, log, rules=replace(ALL, dynamic=None, tiers={"gold": ("XAU/USD",)})) == ("XAU/USD",)


@pytest.mark.parametrize(
    "refusal",
    [
        InvalidOrder("aster", "candles", "-1121", "Invalid symbol."),
        OrderRefused("kucoin", "candles", "400100", "no"),
        VenueError("kucoin", "candles", "1", "no"),
    ],
    ids=["invalid", "refused", "something else"],
)
async def test_a_candidate_that_is_refused_is_not_known_and_costs_no_other(refusal):
    log = FakeChoices()
    assert await enter(FakeFeed({"EUR/USD": refusal}), log, rules=ALL) == ("BTC/USD", "XAU/USD")
    standing = next(one for one in log.choices[-1].standings if one.instrument == "EUR/USD")
    assert standing.place is Place.NOT_KNOWN
    assert standing.detail == f"no candles, so neither its age nor its turnover is known: {refusal}"


async def test_a_minority_of_candidates_may_stay_silent():
    log = FakeChoices()
    assert await enter(FakeFeed({"EUR/USD": SILENT}), log, rules=ALL) == ("BTC/USD", "XAU/USD")
    assert places(log)["EUR/USD"] is Place.NOT_KNOWN
    with pytest.raises(VenueUnavailable):
        await enter(FakeFeed({"EUR/USD": SILENT, "XAU/USD": SILENT}), FakeChoices(), rules=ALL)


async def test_credentials_that_are_not_accepted_are_no_property_of_a_candidate():
    feed, log = FakeFeed(), FakeChoices()
    await enter(feed, log, rules=ALL)
    feed.errors = {"EUR/USD": AccessDenied("kucoin", "candles", "400003", "no")}
    with pytest.raises(AccessDenied):
        await enter(feed, log, rules=ALL, after=timedelta(days=1))
    assert len(log.choices) == 1


@pytest.mark.parametrize("error", [VenueError("kucoin", "quotes", "1", "no"), DataError("quotes are malformed")])
async def test_the_choice_before_goes_on_whatever_is_wrong_with_quotes_and_the_log_says_why(error, caplog):
    feed, log = FakeFeed(), FakeChoices()
    await enter(feed, log)
    feed.fails = error
    assert await enter(feed, log, after=timedelta(days=2)) == ("BTC/USD",)
    assert f"sample: the choice of 2026-01-14 15:00 UTC goes on: {error}" in caplog.text


class Hanging(FakeFeed):
    """Never gives the candles of gold."""

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        if instrument == "XAU/USD":
            await asyncio.Event().wait()
        return await super().candles(instrument, timeframe, until=until, count=count)


async def test_a_source_that_hangs_leaves_the_choice_before_in_force(caplog):
    log = FakeChoices()
    await enter(FakeFeed(), log, rules=ALL)
    found = await enter(Hanging(), log, rules=ALL, after=timedelta(days=1), within=timedelta(milliseconds=20))
    assert (found, len(log.choices)) == (("BTC/USD", "XAU/USD", "EUR/USD"), 1)
    assert "no answer within 0:00:00.020000" in caplog.text


async def test_a_source_that_hangs_is_asked_again_where_there_is_no_choice_before():
    with pytest.raises(VenueUnavailable):
        await enter(Hanging(), FakeChoices(), rules=ALL, within=timedelta(milliseconds=20))


async def test_candles_that_do_not_come_are_no_reason_to_choose_without_them():
    feed, log = FakeFeed({"BTC/USD": SILENT}), FakeChoices()
    with pytest.raises(VenueUnavailable):
        await enter(feed, log)
    assert log.choices == []


async def test_a_fixed_list_asks_nobody():
    feed, fixed = FakeFeed(), policy()
    log = FakeChoices()
    found = await enter_universe(fixed, CycleKey("sample", CLOSE), config_version="", feed=feed, log=log, at=CLOSE)
    assert found is fixed
    assert (feed.asked, feed.quotes_asked) == ([], [])
