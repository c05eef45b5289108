"""Money between two books of the embedded venue: both in one transaction, once for each id."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from desk.adapters.ledger.database import Database
from desk.adapters.venues.paper.store import open_store
from desk.adapters.venues.paper.treasury import PaperTreasury
from desk.errors import ConfigError, InsufficientFunds, OutcomeUnknown, VenueUnavailable
from desk.model.moves import Move
from desk.portfolio.carrying import plan_move
from tests.desk.adapters.venues.test_paper import TERMS, Desk, FakeFeed, HandClock
from tests.desk.matching.markets import START

DAY = date(2026, 1, 14)


def move(amount: str = "2500", day: date = DAY) -> Move:
    return plan_move(day, "sample", "other", Decimal(amount), currency="USD", rate=Decimal(1))


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, FakeFeed())


def treasury(desk: Desk, *, currency: str = "USD") -> PaperTreasury:
    terms = replace(TERMS, currency=currency)
    source, target = (
        open_store(desk.database, "paper", "sample", TERMS),
        open_store(desk.database, "paper", "other", terms),
    )
    return PaperTreasury(venue="paper", database=desk.database, clock=HandClock(), source=source, target=target)


async def cash(desk: Desk) -> list[Decimal]:
    return [(await desk.open(account=name).account()).cash for name in ("sample", "other")]


async def test_money_moves_between_books_that_were_never_traded(desk: Desk) -> None:
    sample = desk.open()
    assert (await sample.account()).cash == 100_000
    assert await treasury(desk).carry_out(move(), "") == 2500
    assert (await sample.account()).cash == 97_500
    assert await cash(desk) == [97_500, 102_500]


async def test_an_id_moves_money_once_and_tells_of_it(desk: Desk) -> None:
    both = treasury(desk)
    assert await both.find(move(), "", sent_at=START) is None
    for _ in range(2):
        assert await both.carry_out(move(), await both.prepare(move())) == 2500
    assert await cash(desk) == [97_500, 102_500]
    assert await both.find(move(), "", sent_at=START) == 2500
    await both.carry_out(move(day=date(2026, 1, 15)), "")
    assert await cash(desk) == [95_000, 105_000]


async def test_no_more_leaves_than_there_is(desk: Desk) -> None:
    with pytest.raises(InsufficientFunds):
        await treasury(desk).carry_out(move("100000.01"), "")
    assert await treasury(desk).carry_out(move("100000"), "") == 100_000
    assert await cash(desk) == [0, 200_000]


async def test_where_one_side_fails_nothing_has_happened_on_the_other(desk: Desk) -> None:
    await treasury(desk).carry_out(move(), "")
    with pytest.raises(ConfigError, match="were opened in USD, the configuration says EUR"):
        await treasury(desk, currency="EUR").carry_out(move("10"), "")
    assert await cash(desk) == [97_500, 102_500]


async def test_a_database_that_fails_leaves_it_open_what_was_done(desk: Desk) -> None:
    async with desk.database.write() as session:
        await session.exec(text("DROP TABLE paper_transfer"))  # type: ignore[call-overload]
    with pytest.raises(OutcomeUnknown):
        await treasury(desk).carry_out(move(), "")
    with pytest.raises(VenueUnavailable):
        await treasury(desk).find(move(), "", sent_at=START)
