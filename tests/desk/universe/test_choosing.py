"""Which instruments are in a universe, and of every other one the reason why it is not."""

from dataclasses import replace
from decimal import Decimal

import pytest

from desk.model.books import Quote
from desk.model.instrument import Instrument, InstrumentKind
from desk.universe.choosing import Facts, Place, Standing, candidates, choose, looked_at, members, shortlist
from desk.universe.rules import DynamicPart, UniverseRules
from tests.builders import CLOSE

RULES = UniverseRules(
    "coins",
    "USDT",
    kinds=frozenset({InstrumentKind.SPOT}),
    dynamic=DynamicPart(count=2, minimum_turnover=Decimal(100), maximum_spread_bps=Decimal(10), minimum_age_days=30),
    tiers={"majors": ("BTC/USDT",)},
    excluded=("*UP/USDT", "USDC/USDT"),
)
OLD = Facts(turnover=Decimal(1000), age_days=400)


def listed(*names: str) -> dict[str, Instrument]:
    kind = {True: InstrumentKind.PERPETUAL, False: InstrumentKind.SPOT}
    step = Decimal("0.01")
    return {name: Instrument(name, kind[":" in name], step, step, step) for name in names}


def quoted(name: str, spread_bps: str = "2", *, tradable: bool = True) -> Quote:
    half = Decimal(spread_bps) / 200
    return Quote(name, 100 - half, 100 + half, CLOSE, tradable)


def chosen(
    facts: dict[str, Facts], quotes: dict[str, Quote] | None = None, rules: UniverseRules = RULES
) -> dict[str, Standing]:
    instruments = listed("BTC/USDT", *facts)
    found = {name: quoted(name) for name in instruments} | (quotes or {})
    return {one.instrument: one for one in choose(rules, shortlist(rules, instruments, found), facts)}


def test_the_largest_turnover_is_in_and_the_next_place_is_not() -> None:
    by_turnover = {name: replace(OLD, turnover=Decimal(amount)) for name, amount in
                   (("A1/USDT", 200), ("B1/USDT", 900), ("C1/USDT", 500))}  # fmt: skip
    found = chosen(by_turnover)
    assert list(found) == ["BTC/USDT", "B1/USDT", "C1/USDT", "A1/USDT"]
    assert [one.place for one in found.values()] == [Place.TIER, Place.RANKED, Place.RANKED, Place.RANK]
    assert found["A1/USDT"].detail == "place 3 by turnover, of which 2 are in"
    assert members(found.values()) == ("BTC/USDT", "B1/USDT", "C1/USDT")


@pytest.mark.parametrize(
    ("facts", "place", "detail"),
    [
        (Facts(), Place.NOT_KNOWN, "no candles, so neither its age nor its turnover is known"),
        (replace(OLD, age_days=29), Place.AGE, "traded for 29 days, below 30"),
        (replace(OLD, turnover=Decimal(99)), Place.TURNOVER, "a turnover of 99 in a day, below 100"),
        (replace(OLD, turnover=None), Place.NOT_KNOWN, "its turnover is not known"),
    ],
)
def test_what_candles_do_not_show_keeps_an_instrument_out(facts: Facts, place: Place, detail: str) -> None:
    found = chosen({"A1/USDT": facts})["A1/USDT"]
    assert (found.place, found.detail) == (place, detail)


def test_exactly_at_its_limits_an_instrument_is_in() -> None:
    at_the_limits = {"A1/USDT": Facts(turnover=Decimal(100), age_days=30)}
    assert chosen(at_the_limits, {"A1/USDT": quoted("A1/USDT", "10")})["A1/USDT"].place is Place.RANKED


@pytest.mark.parametrize(
    ("quote", "place", "detail"),
    [
        (quoted("A1/USDT", "12"), Place.SPREAD, "a spread of 12.00 bps, above 10"),
        (quoted("A1/USDT", tradable=False), Place.NO_QUOTE, "no price that could be traded on"),
        (Quote("A1/USDT", Decimal("NaN"), Decimal(1), CLOSE), Place.NO_QUOTE, "no price that could be traded on"),
        (Quote("A1/USDT", Decimal(2), Decimal(1), CLOSE), Place.NO_QUOTE, "no price that could be traded on"),
    ],
    ids=["wide", "closed", "no number", "crossed"],
)
def test_what_its_quote_does_not_show_keeps_an_instrument_out(quote: Quote, place: Place, detail: str) -> None:
    found = chosen({"A1/USDT": OLD}, {"A1/USDT": quote})["A1/USDT"]
    assert (found.place, found.detail) == (place, detail)


def test_no_candles_are_asked_for_where_the_name_or_the_quote_decides() -> None:
    instruments = listed("BTC/USDT", "A1/USDT", "ETHUP/USDT", "USDC/USDT", "B1/USDT:USDT", "C1/USD")
    standings = shortlist(RULES, instruments, {name: quoted(name) for name in instruments})
    assert candidates(standings) == ("A1/USDT",)
    told = {one.instrument: one.detail for one in standings}
    assert told["ETHUP/USDT"] == "'*UP/USDT' is excluded"
    assert told["USDC/USDT"] == "'USDC/USDT' is excluded"
    assert {"B1/USDT:USDT", "C1/USD"}.isdisjoint(told)


def test_an_exclusion_comes_before_a_tier() -> None:
    rules = replace(RULES, excluded=("BTC/USDT",))
    assert chosen({"A1/USDT": OLD}, rules=rules)["BTC/USDT"].place is Place.EXCLUDED


def test_an_instrument_of_a_tier_needs_no_conditions_but_must_be_listed() -> None:
    rules = replace(RULES, tiers={"majors": ("BTC/USDT", "GONE/USDT")})
    found = chosen({}, {"BTC/USDT": quoted("BTC/USDT", "50")}, rules)
    assert found["BTC/USDT"].place is Place.TIER
    assert found["GONE/USDT"].place is Place.NOT_LISTED


def test_a_tier_holds_nothing_of_another_currency_or_kind_than_the_universe() -> None:
    rules = replace(RULES, tiers={"majors": ("BTC/USDT:USDT", "ETH/EUR")})
    found = shortlist(rules, listed("BTC/USDT:USDT", "ETH/EUR"), {})
    assert [(one.place, one.detail) for one in found] == [
        (Place.EXCLUDED, "tier majors, and no perpetual quoted in USDT may be in"),
        (Place.EXCLUDED, "tier majors, and no spot quoted in EUR may be in"),
    ]


def test_of_too_many_candidates_those_with_the_tightest_spread_are_looked_at() -> None:
    assert RULES.dynamic is not None
    rules = replace(RULES, dynamic=replace(RULES.dynamic, candidates=1))
    instruments = listed("A1/USDT", "B1/USDT")
    standings = shortlist(rules, instruments, {"A1/USDT": quoted("A1/USDT", "3"), "B1/USDT": quoted("B1/USDT", "1")})
    assert candidates(standings) == ("B1/USDT",)
    late = next(one for one in standings if one.instrument == "A1/USDT")
    assert (late.place, late.detail) == (Place.NOT_LOOKED_AT, "beyond the 1 with the tightest spread")


def test_without_a_minimum_an_unknown_turnover_ranks_last_by_spread() -> None:
    assert RULES.dynamic is not None
    rules = replace(RULES, dynamic=replace(RULES.dynamic, minimum_turnover=Decimal(0), count=3))
    unknown = replace(OLD, turnover=None)
    quotes = {"A1/USDT": quoted("A1/USDT", "5"), "B1/USDT": quoted("B1/USDT", "1")}
    found = chosen({"A1/USDT": unknown, "B1/USDT": unknown, "C1/USDT": OLD}, quotes, rules)
    assert [one.instrument for one in found.values() if one.rank] == ["C1/USDT", "B1/USDT", "A1/USDT"]


def test_without_a_dynamic_part_the_tiers_are_all_there_is() -> None:
    found = chosen({"A1/USDT": OLD}, rules=replace(RULES, dynamic=None))
    assert members(found.values()) == ("BTC/USDT",)
    assert found["A1/USDT"].detail == "it is in no tier, and nothing else is chosen"


def test_what_is_held_stays_until_it_is_closed() -> None:
    found = chosen({"A1/USDT": replace(OLD, turnover=Decimal(0))})
    assert looked_at(members(found.values()), {"A1/USDT", "BTC/USDT"}) == ("BTC/USDT", "A1/USDT")
