"""What an account begins with and where its candles come from is said where it cannot be used."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.adapters.backtests.opening import open_past
from desk.adapters.configuration import read_fleet
from desk.errors import ConfigError

CONFIG = Path(__file__).parents[4] / "config"
START = datetime(2026, 3, 3, tzinfo=UTC)


async def past_with(cash: Decimal | None):
    fleet = read_fleet(CONFIG)
    return await open_past(fleet, "oanda-momentum", start=START, end=START + timedelta(hours=2), cash=cash)


@pytest.mark.parametrize("cash", ["0", "-5", "NaN", "Infinity"])
async def test_an_account_cannot_begin_with_nothing(cash):
    with pytest.raises(ConfigError, match=f"oanda-momentum: expected cash above 0 to begin with, found {cash}"):
        await past_with(Decimal(cash))


@pytest.mark.parametrize(("cash", "expected"), [(None, 100_000), (Decimal(250), 250)])
async def test_an_account_begins_with_what_is_said_or_else_with_what_is_configured(cash, expected):
    assert (await past_with(cash)).opening.cash == expected


async def test_a_feed_of_a_venue_has_no_recorded_candles_and_the_error_says_how_to_get_and_name_them():
    fleet = read_fleet(CONFIG / "rehearsal")
    words = r"get them with `desk data download` and name them with `--file [A-Z/:]+=candles\.parquet`"
    name = next(name for name, one in fleet.accounts.items() if one.universe is None)
    with pytest.raises(ConfigError, match=words):
        await open_past(fleet, name)
