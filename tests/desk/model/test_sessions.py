"""Sessions against an independent list of open and closed times, and against themselves."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.model.instrument import InstrumentKind
from desk.model.sessions import closes, is_open, next_open, open_mask, weekly_mask

ORACLE = Path(__file__).parents[3].parent / "shared" / "conformance" / "market_hours.json"
CANDLES = ORACLE.parents[1] / "data" / "EUR_USD_H1_bidask_oanda_lean.parquet"
KINDS = {"EUR_USD": InstrumentKind.FX, "XAU_USD": InstrumentKind.METAL}
TIMES = st.integers(946_684_800_000_000, 2_524_608_000_000_000).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@pytest.mark.skipif(not ORACLE.exists(), reason="needs ../shared/conformance/market_hours.json")
def test_hours_agree_with_the_oracle_across_daylight_saving_changes():
    cases = json.loads(ORACLE.read_text())["cases"]
    wrong = [c for c in cases if is_open(KINDS[c["instrument"]], datetime.fromisoformat(c["utc"])) is not c["open"]]
    assert len(cases) == 120
    assert wrong == []


def test_currencies_and_metals_close_and_nothing_else_does():
    assert {kind for kind in InstrumentKind if closes(kind)} == {InstrumentKind.FX, InstrumentKind.METAL}


@pytest.mark.parametrize(
    ("kind", "closed_from", "open_again"),
    [
        (InstrumentKind.FX, "2025-01-15T21:58:00Z", "2025-01-15T22:03:00Z"),
        (InstrumentKind.FX, "2025-07-16T20:58:00Z", "2025-07-16T21:03:00Z"),
        (InstrumentKind.METAL, "2025-07-16T20:58:00Z", "2025-07-16T22:03:00Z"),
        (InstrumentKind.FX, "2025-03-07T21:58:00Z", "2025-03-09T21:03:00Z"),
        (InstrumentKind.METAL, "2025-10-31T20:58:00Z", "2025-11-02T23:03:00Z"),
        (InstrumentKind.FX, "2014-12-24T21:58:00Z", "2014-12-25T22:03:00Z"),
        (InstrumentKind.METAL, "2014-12-31T21:58:00Z", "2015-01-01T23:03:00Z"),
        (InstrumentKind.METAL, "2017-12-22T21:58:00Z", "2017-12-25T23:03:00Z"),
        (InstrumentKind.FX, "2015-12-31T21:58:00Z", "2016-01-03T22:03:00Z"),
    ],
)
def test_a_pause_starts_and_ends_to_the_second(kind, closed_from, open_again):
    start, end = datetime.fromisoformat(closed_from), datetime.fromisoformat(open_again)
    tick = timedelta(microseconds=1)
    assert is_open(kind, start - tick)
    assert not is_open(kind, start)
    assert not is_open(kind, end - tick)
    assert is_open(kind, end)
    assert next_open(kind, start) == end


@pytest.mark.parametrize("kind", [InstrumentKind.SPOT, InstrumentKind.PERPETUAL])
def test_crypto_never_closes(kind):
    week = np.arange(1_700_000_000, 1_700_000_000 + 7 * 86_400, 600, dtype=np.int64)
    assert open_mask(kind, week).all()


@settings(deadline=None)
@given(TIMES, st.sampled_from(list(InstrumentKind)))
def test_the_next_open_is_open_and_nothing_before_it_is(at, kind):
    opens = next_open(kind, at)
    assert at <= opens <= at + timedelta(days=3, hours=2)
    assert is_open(kind, opens)
    assert opens == at or not is_open(kind, opens - timedelta(microseconds=1))


@settings(deadline=None)
@given(TIMES, st.sampled_from(list(InstrumentKind)))
def test_the_mask_of_many_times_in_any_order_agrees_with_each_alone(at, kind):
    times = (int(at.timestamp()) + np.arange(40) * 21_613 % 864_000).astype(np.int64)
    alone = [is_open(kind, datetime.fromtimestamp(int(second), tz=UTC)) for second in times]
    assert open_mask(kind, times).tolist() == alone


def test_a_holiday_is_open_in_the_week_alone_and_crypto_has_none():
    christmas = np.array([datetime(2025, 12, 25, 12, tzinfo=UTC).timestamp()], dtype=np.int64)
    fx, spot = InstrumentKind.FX, InstrumentKind.SPOT
    assert (open_mask(fx, christmas)[0], weekly_mask(fx, christmas)[0], open_mask(spot, christmas)[0]) == (0, 1, 1)


@pytest.mark.skipif(not CANDLES.exists(), reason="needs ../shared/data/EUR_USD_H1_bidask_oanda_lean.parquet")
def test_oanda_has_had_no_candle_on_either_holiday_since_2012():
    times = pd.read_parquet(CANDLES, columns=["time"])["time"].to_numpy("datetime64[s]").astype(np.int64)
    eves = [(year, month, day) for year in range(2012, 2018) for month, day in ((12, 24), (12, 31))]
    nights = [int(datetime(*eve, 23, tzinfo=UTC).timestamp()) for eve in eves]
    assert [night for night in nights if ((times >= night) & (times < night + 20 * 3_600)).any()] == []
    assert not any(open_mask(InstrumentKind.FX, np.arange(night, night + 20 * 3_600, 600)).any() for night in nights)


def test_an_empty_list_of_times_has_an_empty_mask():
    assert len(open_mask(InstrumentKind.FX, np.array([], dtype=np.int64))) == 0


def test_a_naive_time_is_refused():
    with pytest.raises(AssertionError, match="expected an aware time"):
        is_open(InstrumentKind.FX, datetime(2025, 1, 1))  # noqa: DTZ001
