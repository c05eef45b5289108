"""Files as platforms and libraries write them are understood, and what cannot be understood is said with its place."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from desk.adapters.data.foreign import Wanted, read_foreign
from desk.adapters.data.times import parse_zone
from desk.errors import ConfigError, DeskError, MalformedCandles
from desk.model.timeframe import Timeframe

NOW = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
FIRST = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)
OPENS = [FIRST + timedelta(minutes=5 * place) for place in range(3)]
PRICES = [(1.1, 1.2, 1.0, 1.15), (1.15, 1.3, 1.1, 1.2), (1.2, 1.25, 1.15, 1.18)]
VOLUMES = [3.0, 4.0, 5.0]


@pytest.fixture
def read(tmp_path):
    def read_file(text, name="file.csv", zone=None, **options):
        path = tmp_path / name
        if isinstance(text, str):
            path.write_text(text, encoding="utf-8")
        elif name.endswith(".parquet"):
            parquet.write_table(text, path)
        else:
            feather.write_feather(text, path)
        options = {"timeframe": Timeframe.M5, "now": NOW, "zone": parse_zone(zone) if zone else None, **options}
        return read_foreign(Wanted(path, **options))

    return read_file


def rows(form, *, delimiter=",", volumes=True):
    return [
        delimiter.join([at.strftime(form), *map(str, prices), *([str(volume)] if volumes else [])])
        for at, prices, volume in zip(OPENS, PRICES, VOLUMES, strict=True)
    ]


def text(header, form, **options):
    return "\n".join(([header] if header else []) + rows(form, **options)) + "\n"


def counts(per_second, *, header="timestamp,open,high,low,close,volume"):
    lines = [
        f"{int(at.timestamp() * per_second)},{','.join(map(str, prices))},{volume}"
        for at, prices, volume in zip(OPENS, PRICES, VOLUMES, strict=True)
    ]
    return "\n".join(([header] if header else []) + lines) + "\n"


LISTS = json.dumps(
    [[int(at.timestamp() * 1000), *bar, volume] for at, bar, volume in zip(OPENS, PRICES, VOLUMES, strict=True)]
)
FRAME = pd.DataFrame(PRICES, columns=["open", "high", "low", "close"]).assign(
    date=pd.DatetimeIndex(OPENS).as_unit("ms"), volume=VOLUMES
)
KNOWN = {
    "our own columns": (text("time,open,high,low,close,volume", "%Y-%m-%dT%H:%M:%SZ"), {}),
    "capitals and spaces": (text("Date Time,Open,High,Low,Close,Tick Volume", "%Y-%m-%d %H:%M:%S+00:00"), {}),
    "ccxt in milliseconds": (counts(1_000), {}),
    "seconds": (counts(1, header="time,o,h,l,c,v"), {}),
    "microseconds": (counts(10**6), {}),
    "nanoseconds": (counts(10**9), {}),
    "ccxt without a header": (counts(1_000, header=""), {}),
    "a list of lists": (LISTS, {"name": "file.json"}),
    "freqtrade's feather": (FRAME, {"name": "file.feather"}),
    "a frame with its index": (
        pa.Table.from_pandas(FRAME.set_index("date")),
        {"name": "file.parquet"},
    ),
    "MetaTrader 5": (
        text("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>", "%Y.%m.%d\t%H:%M:%S", delimiter="\t"),
        {"zone": "UTC"},
    ),
    "MetaTrader 4": (text("", "%Y.%m.%d,%H:%M"), {"zone": "UTC"}),
    "Dukascopy": (text("Gmt time,Open,High,Low,Close,Volume", "%d.%m.%Y %H:%M:%S.000"), {}),
    "Dukascopy in local time": (
        text("Local time,Open,High,Low,Close,Volume", "%d.%m.%Y %H:%M:%S.000 GMT+0000"),
        {},
    ),
    "semicolons": (text("", "%Y%m%d %H%M%S", delimiter=";"), {"zone": "UTC"}),
    "naive times with their zone": (text("date,open,high,low,close,volume", "%Y-%m-%d %H:%M:%S"), {"zone": "UTC"}),
    "stated names": (
        text("Zeit,Erster,Hoch,Tief,Schluss,Menge", "%Y-%m-%dT%H:%M:%SZ"),
        {"columns": "time=Zeit,open=Erster,high=Hoch,low=Tief,close=Schluss,volume=Menge"},
    ),
}


@pytest.mark.parametrize("case", KNOWN)
def test_what_is_in_common_use_is_understood(read, case):
    content, options = KNOWN[case]
    columns, understood = read(content, **options)
    assert columns.time.tolist() == [int(at.timestamp()) for at in OPENS]
    found = [columns.values[name].tolist() for name in ("open", "high", "low", "close")]
    assert found == [list(side) for side in zip(*PRICES, strict=True)]
    assert columns.values["volume"].tolist() == VOLUMES
    assert understood.unclosed == 0
    assert not understood.newest_first


SIDES = "bid_o,bid_h,bid_l,bid_c,ask_o,ask_h,ask_l,ask_c"


@pytest.mark.parametrize("header", [SIDES, "BidOpen,BidHigh,BidLow,BidClose,AskOpen,AskHigh,AskLow,AskClose"])
def test_both_sides_are_kept_and_their_middle_made(read, header):
    columns, understood = read(f"time,{header},volume\n2025-01-15T12:00:00Z,1.1,1.2,1.0,1.15,1.3,1.4,1.2,1.35,7\n")
    assert list(columns.values)[:5] == ["open", "high", "low", "close", "volume"]
    assert columns.values["bid_high"].tolist() == [1.2]
    assert columns.values["ask_low"].tolist() == [1.2]
    assert columns.values["close"].tolist() == [pytest.approx(1.25)]
    assert understood.columns["bid_open"] == header.split(",")[0]


def test_without_volumes_there_is_no_volume(read):
    columns, _ = read(text("time,open,high,low,close", "%Y-%m-%dT%H:%M:%SZ", volumes=False))
    assert "volume" not in columns.values


def test_what_is_not_needed_is_left_alone_and_told(read):
    _, understood = read("time,open,high,low,close,spread\n2025-01-15T12:00:00Z,1,1,1,1,9\n")
    assert list(understood.others) == ["spread"]


def test_a_file_without_a_header_is_said_to_be_one(read):
    assert read(counts(1_000, header=""))[1].by_place
    assert not read(counts(1_000))[1].by_place


def test_a_mark_at_the_beginning_is_no_part_of_a_name(read):
    columns, _ = read("\ufeff" + counts(1_000))
    assert len(columns) == 3


def test_two_bytes_for_each_letter_are_read(tmp_path):
    path = tmp_path / "file.csv"
    header = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>"
    path.write_text(text(header, "%Y.%m.%d\t%H:%M:%S", delimiter="\t"), encoding="utf-16")
    columns, _ = read_foreign(Wanted(path, Timeframe.M5, NOW, zone=parse_zone("UTC")))
    assert columns.values["volume"].tolist() == VOLUMES


def test_day_and_time_of_day_may_be_more_than_texts(read):
    table = pa.table(
        {"date": [at.date() for at in OPENS], "time": [at.time() for at in OPENS]}
        | {name: [1.0] * 3 for name in ("open", "high", "low", "close")}
    ).cast(
        pa.schema(
            [("date", pa.date32()), ("time", pa.time32("s"))]
            + [(name, pa.float64()) for name in ("open", "high", "low", "close")]
        )
    )
    columns, _ = read(table, name="file.parquet", zone="UTC")
    assert columns.time.tolist() == [int(at.timestamp()) for at in OPENS]


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("UTC", "12:00"),
        ("Europe/Athens", "10:00"),
        ("UTC+02:00", "10:00"),
        ("America/New_York+07:00", "10:00"),
        ("UTC-05:30", "17:30"),
    ],
)
def test_times_are_of_the_zone_that_is_stated(read, zone, utc):
    columns, understood = read(text("date,open,high,low,close,volume", "%Y-%m-%d %H:%M:%S"), zone=zone)
    assert f"{datetime.fromtimestamp(int(columns.time[0]), tz=UTC):%H:%M}" == utc
    assert zone[:3] in understood.times


def test_a_server_that_keeps_new_york_s_summer_is_seven_hours_ahead_of_it(read):
    # New York's summer begins on 9 March, that of Athens on 30 March.
    columns, _ = read("date,open,high,low,close\n2025-03-12 10:00:00,1,1,1,1\n", zone="America/New_York+07:00")
    assert datetime.fromtimestamp(int(columns.time[0]), tz=UTC) == datetime(2025, 3, 12, 7, 0, tzinfo=UTC)


def test_each_text_has_its_own_zone(read):
    columns, _ = read(
        "Local time,Open,High,Low,Close,Volume\n"
        "30.03.2025 01:55:00.000 GMT+0100,1,1,1,1,1\n30.03.2025 03:00:00.000 GMT+0200,1,1,1,1,1\n"
    )
    assert np.diff(columns.time).tolist() == [300]


def test_a_file_that_begins_with_the_newest_is_turned_round(read):
    lines = text("time,open,high,low,close,volume", "%Y-%m-%dT%H:%M:%SZ").splitlines()
    columns, understood = read("\n".join([lines[0], *reversed(lines[1:])]))
    assert understood.newest_first
    assert columns.time.tolist() == [int(at.timestamp()) for at in OPENS]
    assert columns.values["volume"].tolist() == VOLUMES


def test_a_candle_that_has_not_closed_is_left_out(read):
    columns, understood = read(counts(1_000), now=OPENS[-1] + timedelta(minutes=4, seconds=59))
    assert (len(columns), understood.unclosed) == (2, 1)
    assert len(read(counts(1_000), now=OPENS[-1] + timedelta(minutes=5))[0]) == 3


HEADER = "time,open,high,low,close,volume\n"
BAD = {
    "naive times": (
        text(HEADER.strip(), "%Y-%m-%d %H:%M:%S"),
        {},
        ConfigError,
        r"column 'time': .* found naive ones, 2025-01-15 12:00:00 in row 1; say .* --timezone UTC",
    ),
    "a zone of some rows": (
        HEADER + "15.01.2025 12:00:00 GMT+0100,1,1,1,1,1\n15.01.2025 12:05:00,1,1,1,1,1\n",
        {},
        MalformedCandles,
        "row 2, column 'time': expected a time with its zone, as other rows have, found 15.01.2025 12:05:00",
    ),
    "a time that never was": (
        HEADER + "2025-03-30 03:30:00,1,1,1,1,1\n",
        {"zone": "Europe/Athens"},
        MalformedCandles,
        "expected times that Europe/Athens had once, found: .*2025-03-30",
    ),
    "a time that was twice": (
        HEADER + "2025-10-26 03:30:00,1,1,1,1,1\n",
        {"zone": "Europe/Athens"},
        MalformedCandles,
        "expected times that Europe/Athens had once",
    ),
    "a time of another form": (
        "Gmt time,open,high,low,close\n15.01.2025 12:00:00.000,1,1,1,1\n2025/01/15 12:05,1,1,1,1\n",
        {},
        MalformedCandles,
        "row 2, column 'Gmt time': expected a time such as 15.01.2025 12:00:00.000, found 2025/01/15 12:05",
    ),
    "no times": (HEADER + "noon,1,1,1,1,1\n", {"zone": "UTC"}, MalformedCandles, "row 1, column 'time': .*found noon"),
    "a small number": (HEADER + "7,1,1,1,1,1\n", {}, ConfigError, "expected a count since 1970, found 7 in row 1"),
    "mixed units": (
        HEADER + "1736942400,1,1,1,1,1\n1736942700000,1,1,1,1,1\n",
        {},
        MalformedCandles,
        "row 2, column 'time': expected a count in the unit of row 1, found 1736942700000",
    ),
    "half a second": (HEADER + "1736942400500,1,1,1,1,1\n", {}, MalformedCandles, "row 1, .*whole seconds"),
    "a missing time": (
        HEADER + "1736942400,1,1,1,1,1\n,1,1,1,1,1\n",
        {},
        MalformedCandles,
        "row 2, column 'time': expected a time, found nothing",
    ),
    "a missing column": (
        "time,open,high,low\n2025-01-15T12:00:00Z,1,1,1\n",
        {},
        ConfigError,
        "expected columns for close, found time, open, high, low .understood: time=time, .* say which is what",
    ),
    "one side": (
        "time,bid_o,bid_h,bid_l,bid_c\n2025-01-15T12:00:00Z,1,1,1,1\n",
        {},
        ConfigError,
        "expected columns for ask_open, ask_high, ask_low, ask_close",
    ),
    "a text for a price": (
        HEADER + "2025-01-15T12:00:00Z,1,1,1,1,1\n2025-01-15T12:05:00Z,1,high,1,1,1\n",
        {},
        ConfigError,
        "column 'high': expected numbers, found 'high' in row 2",
    ),
    "a missing price": (
        HEADER + "2025-01-15T12:00:00Z,1,,1,1,1\n",
        {},
        DeskError,
        "column 'high': expected",
    ),
    "a stated column that is not there": (
        text(HEADER.strip(), "%Y-%m-%dT%H:%M:%SZ"),
        {"columns": "time=Zeit"},
        ConfigError,
        "--columns: .*found 'time=Zeit'; .*file.csv has time, open",
    ),
    "a stated name that is none of ours": (
        counts(1_000, header=""),
        {"columns": "when,open,high,low,close,-"},
        ConfigError,
        "--columns: expected date, time, .*found 'when'",
    ),
    "too few stated places": (
        counts(1_000, header=""),
        {"columns": "time,open,high,low,close"},
        ConfigError,
        "expected 6 names, .* found 5",
    ),
    "another ending": ("x", {"name": "file.xlsx"}, ConfigError, r"expected a file ending in \.csv"),
    "nothing": ("", {}, ConfigError, "expected candles, found an empty file"),
    "no JSON": ("[[1,", {"name": "file.json"}, ConfigError, "expected lists of time, open.*found no JSON"),
    "JSON of another shape": ("[[1, 2]]", {"name": "file.json"}, ConfigError, r"found \[1, 2\] in row 1"),
    "an empty list": ("[]", {"name": "file.json"}, ConfigError, "found no rows"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_understood_is_said_with_its_place(read, case):
    content, options, kind, message = BAD[case]
    with pytest.raises(kind, match=message):
        read(content, **options)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match="expected a file with candles, found none; correct the path"):
        read_foreign(Wanted(tmp_path / "none.csv", Timeframe.M5, NOW))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "+02:00", "", "../etc/passwd", "UTC+2"])
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(ConfigError, match="--timezone: expected UTC, a zone such as"):
        parse_zone(zone)
