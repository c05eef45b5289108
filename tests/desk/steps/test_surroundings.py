"""What lies around an account: the fleet in one currency, and never a guess where a rate or a price is missing."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from desk.model.books import AccountState
from desk.model.surroundings import CalendarEvent, Importance, Surroundings
from desk.steps.surroundings import AROUND, Around, Company, Seat, Standing, look_around
from tests.builders import CLOSE
from tests.desk.steps.fakes import FakeHistory

USD = AccountState("USD", Decimal(100), Decimal(100), CLOSE, {"JPY": Decimal("0.0066")})
YEN = AccountState("JPY", Decimal(100), Decimal(100), CLOSE, {"USD": Decimal(150)})
COINS = Standing("coins", Decimal(900), Decimal(1000))
HOLDING = replace(COINS, held={"BTC/USDT": Decimal("0.1")}, prices={"BTC/USDT": Decimal(50_000)})
SEATS = {"coins": Seat("kucoin", "USDT"), "gold": Seat("oanda", "USD")}


def seen(*standings: Standing, money: AccountState = USD, **changes) -> Surroundings:
    return Around(Company(SEATS, **changes), standings).seen_from(money)


def test_another_account_is_told_in_the_fleets_currency():
    [other] = seen(HOLDING, rates={"USDT": Decimal("0.5")}).others
    assert (other.name, other.venue) == ("coins", "kucoin")
    assert (other.equity, other.day_start_equity) == (450, 500)
    assert other.exposure == {"BTC/USDT": Decimal(2500)}
    assert other.ideas == {"BTC/USDT": 1}


def test_without_a_rate_neither_money_nor_exposure_is_known_while_the_idea_is():
    [other] = seen(HOLDING).others
    assert (other.equity, other.day_start_equity, other.exposure) == (None, None, None)
    assert other.ideas == {"BTC/USDT": 1}


def test_without_a_price_of_one_thing_held_the_exposure_is_not_known():
    unpriced = replace(HOLDING, held={**HOLDING.held, "ETH/USDT": Decimal(1)})
    [other] = seen(unpriced, rates={"USDT": Decimal(1)}).others
    assert (other.equity, other.exposure) == (900, None)


def test_what_is_held_and_what_works_adds_up_and_may_cancel_out():
    both = replace(HOLDING, working={"BTC/USDT": Decimal("-0.1"), "BTC/USDT:USDT": Decimal("-0.2")})
    both = replace(both, prices={**both.prices, "BTC/USDT:USDT": Decimal(50_100)})
    [other] = seen(both, rates={"USDT": Decimal(1)}).others
    assert other.exposure == {"BTC/USDT:USDT": Decimal(-10_020)}
    assert other.ideas == {"BTC/USDT:USDT": -1}


def test_a_value_is_converted_by_the_rates_of_the_account_that_holds_it():
    yen = Standing("gold", Decimal(1), Decimal(1), held={"GBP/JPY": Decimal(100)}, prices={"GBP/JPY": Decimal(200)})
    yen = replace(yen, conversion={"JPY": Decimal("0.01")})
    money = replace(USD, conversion={})
    [other] = seen(yen, money=money).others
    assert other.exposure == {"GBP/JPY": Decimal(200)}


def test_a_rate_that_a_feed_quotes_wins_over_a_fixed_one():
    around = seen(money=YEN, rates={"JPY": Decimal(7)})
    assert around.rate == 1 / Decimal(150)


def test_the_rate_of_an_account_may_be_known_through_another():
    told = replace(COINS, conversion={"USD": Decimal("1.25")})
    coin = replace(USD, currency="USDT", conversion={})
    assert seen(told, money=coin).rate == Decimal("0.8")
    assert seen(COINS, money=coin).rate is None


@given(st.decimals("0.0001", 10_000, places=4))
def test_an_account_in_the_fleets_currency_needs_no_rate(price):
    assert seen(money=replace(USD, conversion={"EUR": price})).rate == 1


def test_where_nobody_says_whom_an_account_has_around_it_nothing_is_known():
    assert Around().seen_from(USD) == Surroundings()
    assert seen().others == ()


class Planned:
    """A calendar that notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []

    async def events(self, since: datetime, until: datetime) -> tuple[CalendarEvent, ...]:
        self.asked.append((since, until))
        return (CalendarEvent(CLOSE + timedelta(hours=1), "USD", Importance.HIGH, "rates"),)


async def test_events_of_a_day_before_and_after_are_asked_for_where_a_calendar_is_kept():
    calendar = Planned()
    found = await look_around(Company(calendar=calendar), FakeHistory(), CLOSE)
    assert calendar.asked == [(CLOSE - AROUND, CLOSE + AROUND)]
    assert [event.title for event in found.seen_from(USD).events] == ["rates"]
    assert (await look_around(Company(), FakeHistory(), CLOSE)).seen_from(USD).events is None


async def test_only_those_who_sit_around_the_account_are_asked_for():
    history = FakeHistory()
    history.fleet = (COINS, replace(COINS, account="stranger"))
    found = await look_around(Company(SEATS), history, CLOSE)
    assert found.standings == (COINS,)
