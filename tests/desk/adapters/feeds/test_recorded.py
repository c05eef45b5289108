"""Files of candles: the real ones replay, the bad ones say where they are bad."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from desk.adapters.feeds.recorded import RecordedFeed
from desk.errors import ConfigError, DataError, DeskError, MalformedCandles
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.timeframe import Timeframe

DATA = Path(__file__).parents[4].parent / "shared" / "data"
REAL = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
HEADER = "time,open,high,low,close,volume"
NOON = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)


def row(minute, prices="1.1,1.2,1.0,1.15", volume="3"):
    return f"{NOON + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ},{prices},{volume}"


GOOD = [row(minute) for minute in range(10)]


@pytest.fixture
def write(tmp_path):
    def write_file(lines, name="candles.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write_file


def feed_of(path, **options):
    return RecordedFeed({"EUR/USD": path}, **options)


async def test_a_csv_file_is_read_with_its_base_timeframe_inferred(write):
    feed = feed_of(write([HEADER, *GOOD]))
    candles = await feed.candles("EUR/USD", Timeframe.M1, until=NOON + timedelta(minutes=7), count=3)
    assert feed.base_timeframe is Timeframe.M1
    assert candles.closed_at == NOON + timedelta(minutes=7)
    assert (len(candles), candles.high.tolist(), candles.volume.tolist()) == (3, [1.2] * 3, [3.0] * 3)
    assert candles.bid is None


async def test_a_longer_candle_appears_only_when_it_has_closed(write):
    feed = feed_of(write([HEADER, *GOOD[:8]]))
    before = await feed.candles("EUR/USD", Timeframe.M5, until=NOON + timedelta(minutes=9, seconds=59), count=9)
    after = await feed.candles("EUR/USD", Timeframe.M5, until=NOON + timedelta(minutes=10), count=9)
    assert (len(before), len(after)) == (1, 2)
    assert after.volume.tolist() == [15.0, 9.0]


async def test_both_sides_give_mid_prices_and_quotes_with_a_spread(write):
    header = "time," + ",".join(f"{side}_{name}" for side in ("bid", "ask") for name in "ohlc")
    lines = [f"{NOON:%Y-%m-%dT%H:%M:%SZ},1.1,1.2,1.0,1.15,1.3,1.4,1.2,1.35"]
    feed = feed_of(write([header, *lines]), base_timeframe=Timeframe.M1)
    candles = await feed.candles("EUR/USD", Timeframe.M1, until=NOON + timedelta(minutes=1), count=1)
    assert [candles.open[0], candles.high[0], candles.low[0], candles.close[0]] == pytest.approx([1.2, 1.3, 1.1, 1.25])
    quotes = await feed.quotes(["EUR/USD", "USD/JPY"], at=NOON)
    assert list(quotes) == ["EUR/USD"]
    assert (quotes["EUR/USD"].bid, quotes["EUR/USD"].ask) == (Decimal("1.1"), Decimal("1.3"))
    assert candles.volume.tolist() == [0.0]


async def test_an_instrument_goes_quiet_and_then_stops_being_tradable(write):
    feed = feed_of(write([HEADER, *GOOD]), quiet_for=timedelta(minutes=2))
    end = NOON + timedelta(minutes=10)
    tradable = [(await feed.quotes(["EUR/USD"], at=end + timedelta(minutes=m)))["EUR/USD"].tradable for m in (0, 2, 3)]
    assert tradable == [True, True, False]


async def test_one_base_timeframe_holds_for_all_files(write):
    minutes = write([HEADER, *GOOD], "minutes.csv")
    fives = write([HEADER, *(row(minute) for minute in range(0, 30, 5))], "fives.csv")
    feed = RecordedFeed({"EUR/USD": minutes, "BTC/USDT": fives})
    assert feed.base_timeframe is Timeframe.M5
    candles = await feed.candles("EUR/USD", Timeframe.M5, until=NOON + timedelta(hours=1), count=9)
    assert len(candles) == 2
    with pytest.raises(DataError, match="expected a timeframe of M5 or longer, found M1"):
        await feed.candles("EUR/USD", Timeframe.M1, until=NOON, count=9)


async def test_specifications_can_be_replaced_and_added(write):
    own = Instrument("ABC/USD", InstrumentKind.SPOT, Decimal("0.5"), Decimal(2), Decimal(2))
    feed = RecordedFeed({"ABC/USD": write([HEADER, *GOOD])}, instruments={"ABC/USD": own})
    assert await feed.instruments() == {"ABC/USD": own}


async def test_numbers_of_any_type_and_any_time_zone_are_read(tmp_path):
    times = pa.array([NOON, NOON + timedelta(minutes=1)], pa.timestamp("ms", tz="America/New_York"))
    columns = {name: pa.array([2, 3], pa.int32()) for name in ("open", "high", "low", "close")}
    parquet.write_table(pa.table({"time": times, **columns, "tick_volume": [1.5, 2.5]}), tmp_path / "x.parquet")
    feed = feed_of(tmp_path / "x.parquet")
    candles = await feed.candles("EUR/USD", Timeframe.M1, until=NOON + timedelta(hours=1), count=5)
    assert candles.time[0] == NOON.timestamp()
    assert candles.volume.tolist() == [1.5, 2.5]


def changed(minute, line):
    return [HEADER, *(line if number == minute else good for number, good in enumerate(GOOD))]


BAD_FILES = {
    "a missing column": (
        [line.rpartition(",")[0].rpartition(",")[0] for line in [HEADER, *GOOD]],
        ConfigError,
        "expected a column 'close', found time, open, high, low",
    ),
    "a missing side": (
        ["time,bid_o", f"{GOOD[0][:20]},1.1", f"{GOOD[1][:20]},1.1"],
        ConfigError,
        "expected a column 'bid_h', found time, bid_o",
    ),
    "naive times": (
        [line.replace("Z", "") for line in [HEADER, *GOOD]],
        ConfigError,
        "expected times with a time zone",
    ),
    "one naive time": (
        changed(4, GOOD[4].replace("Z", "")),
        ConfigError,
        "column 'time'.*'2025-01-15T12:04:00' in row 5",
    ),
    "times as numbers": ([HEADER, "1736942400,1,1,1,1,1"], ConfigError, "column 'time'.*found 1736942400 in row 1"),
    "text for a price": (
        changed(3, row(3, "1.1,high,1.0,1.1")),
        ConfigError,
        "column 'high': expected numbers, found 'high' in row 4",
    ),
    "not a number": (
        changed(5, row(5, "1.1,1.2,nan,1.15")),
        MalformedCandles,
        "row 6, column 'low': expected a finite number, found nan",
    ),
    "no number": (
        changed(2, row(2, ",1.2,1.0,1.15")),
        MalformedCandles,
        "row 3, column 'open': expected a finite number, found nan",
    ),
    "infinite": (changed(2, row(2, "1.1,inf,1.0,1.15")), MalformedCandles, "row 3, column 'high': .*found inf"),
    "no time": (changed(6, GOOD[6][20:]), MalformedCandles, "row 7, column 'time': expected a time, found nothing"),
    "out of order": (
        [HEADER, GOOD[0], GOOD[2], GOOD[1], GOOD[3]],
        MalformedCandles,
        "row 3, column 'time': expected a time after the one before, found 2025-01-15T12:01:00Z after .*12:02:00Z",
    ),
    "a duplicate": ([HEADER, *GOOD, GOOD[9]], MalformedCandles, r"row 11, column 'time': .* \(1 such rows\)"),
    "a half second": (
        changed(1, GOOD[1].replace("00Z", "00.5Z")),
        MalformedCandles,
        "column 'time': expected whole seconds",
    ),
    "high below low": (
        changed(7, row(7, "1.1,1.0,1.2,1.1")),
        MalformedCandles,
        "high and low must enclose open and close; candle 7",
    ),
    "a negative price": (changed(7, row(7, "-1,1.2,-1,1.1")), MalformedCandles, "finite and positive; candle 7"),
    "a negative volume": (
        changed(7, row(7, volume="-1")),
        MalformedCandles,
        "volume must be finite and not negative; candle 7",
    ),
    "off the minute": (
        [HEADER, *(line.replace(":00Z", ":30Z") for line in GOOD)],
        MalformedCandles,
        "must lie on M1 boundaries",
    ),
    "an unknown step": (
        [HEADER, GOOD[0], GOOD[2], GOOD[4]],
        ConfigError,
        "found a smallest step of 120 s; state the base",
    ),
    "one row": ([HEADER, GOOD[0]], ConfigError, "found a single row; state the base"),
    "no rows": ([HEADER], ConfigError, "expected candles, found no rows"),
    "nothing": ([], ConfigError, "no rows|expected a readable .csv file"),
    "a ragged row": (
        changed(3, GOOD[3] + ",9"),
        ConfigError,
        "expected a readable .csv file, found: .*Expected 6 columns, got 7",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
async def test_a_bad_file_is_named_with_what_is_wrong_and_where(write, case):
    lines, kind, message = BAD_FILES[case]
    path = write(lines)
    with pytest.raises(DeskError, match=message) as error:
        await feed_of(path).load()
    assert type(error.value) is kind
    assert str(error.value).startswith(str(path))


async def test_a_file_of_another_format_is_named(tmp_path):
    path = tmp_path / "candles.parquet"
    path.write_text("not parquet")
    with pytest.raises(ConfigError, match=r"candles.parquet: expected a readable .parquet file"):
        await feed_of(path).load()


def test_a_missing_file_an_unknown_ending_and_an_unknown_instrument_are_refused_before_reading(tmp_path, write):
    with pytest.raises(ConfigError, match="expected a file with candles of EUR/USD, found none"):
        feed_of(tmp_path / "nowhere.parquet")
    with pytest.raises(ConfigError, match=r"expected a file ending in .parquet or .csv for EUR/USD"):
        feed_of(write(GOOD, "candles.xlsx"))
    with pytest.raises(ConfigError, match=r"unknown instrument 'EURUSD'; did you mean 'EUR/USD'\?"):
        RecordedFeed({"EURUSD": write(GOOD)})


async def test_a_stated_timeframe_shorter_than_the_files_is_refused(write):
    path = write([HEADER, *(row(minute) for minute in range(0, 30, 5))])
    with pytest.raises(ConfigError, match="expected candles of M1 or shorter, found M5; state M5"):
        await feed_of(path, base_timeframe=Timeframe.M1).load()


async def test_an_instrument_without_a_file_is_refused_by_the_nearest_name(write):
    with pytest.raises(DataError, match=r"no file for 'EUR/US'; did you mean 'EUR/USD'\?"):
        await feed_of(write([HEADER, *GOOD])).candles("EUR/US", Timeframe.M1, until=NOON, count=1)


@REAL
async def test_the_real_week_of_gold_replays_without_a_look_ahead():
    feed = RecordedFeed({"XAU/USD": DATA / "XAU_USD_M1_bidask_oanda_lean.parquet"})
    at = datetime(2014, 5, 7, 21, 30, tzinfo=UTC)
    candles = await feed.candles("XAU/USD", Timeframe.M15, until=at, count=200)
    quote = (await feed.quotes(["XAU/USD"], at=at))["XAU/USD"]
    assert (len(candles), feed.base_timeframe, candles.closed_at) == (
        200,
        Timeframe.M1,
        datetime(2014, 5, 7, 21, 15, tzinfo=UTC),
    )
    assert not quote.tradable
    assert quote.at < at


@REAL
@pytest.mark.parametrize("path", sorted(DATA.glob("*.parquet")), ids=lambda path: path.stem)
async def test_every_real_file_is_read_whole(path):
    feed = RecordedFeed({"EUR/USD": path})
    await feed.load()
    candles = await feed.candles("EUR/USD", feed.base_timeframe, until=NOON, count=1_000_000)
    assert len(candles) == parquet.read_metadata(path).num_rows
    assert (np.diff(candles.time) >= feed.base_timeframe.seconds).all()
    assert feed.base_timeframe in (Timeframe.M1, Timeframe.M5, Timeframe.H1)
