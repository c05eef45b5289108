"""With their defaults the strategies trade now and then on real candles: neither never nor all the time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from desk import registry
from desk.model.candles import Candles
from desk.model.market import Market
from desk.model.timeframe import Timeframe

DATA = Path(__file__).parents[4] / "shared" / "data"
ENTRY_SCORE = 0.5
COLUMNS = ["open", "high", "low", "close"]
AGGREGATION = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real candles in {DATA}")


def week(file: str, start: str, end: str, timeframe: Timeframe) -> Candles:
    frame = pd.read_parquet(DATA / file).set_index("time").loc[start:end]
    if "bid_o" in frame:
        mid = {name: (frame[f"bid_{name[0]}"] + frame[f"ask_{name[0]}"]) / 2 for name in COLUMNS}
        frame = pd.DataFrame(mid).assign(volume=0.0)
    frame = frame.resample(pd.Timedelta(timeframe.duration)).agg(AGGREGATION).dropna()
    opened = (frame.index - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)
    return Candles("sample", timeframe, opened.to_numpy(), *(frame[name].to_numpy() for name in AGGREGATION))


def entries(score: np.ndarray) -> int:
    wants = np.abs(np.nan_to_num(score)) >= ENTRY_SCORE
    return int((wants[1:] & ~wants[:-1]).sum())


@pytest.mark.parametrize("name", registry.strategies().discover())
@pytest.mark.parametrize(
    ("file", "start", "end", "timeframe"),
    [
        ("EUR_USD_M1_bidask_oanda_lean.parquet", "2014-05-05", "2014-05-09", Timeframe.M5),
        ("EUR_USD_M1_bidask_oanda_lean.parquet", "2014-05-05", "2014-05-09", Timeframe.M15),
        ("XAU_USD_M1_bidask_oanda_lean.parquet", "2014-05-05", "2014-05-09", Timeframe.M5),
        ("XAU_USD_M1_bidask_oanda_lean.parquet", "2014-05-05", "2014-05-09", Timeframe.M15),
        ("BTC-USDT_M5_binance_2024.parquet", "2024-03-04", "2024-03-10", Timeframe.M5),
    ],
)
def test_a_week_has_a_handful_to_some_dozens_of_signals_on_both_sides(name, file, start, end, timeframe):
    candles = week(file, start, end, timeframe)
    score = registry.strategies().build(name, {}).evaluate(Market(timeframe, {timeframe: candles})).score
    assert 3 <= entries(score) <= 80
    assert np.nanmax(score) >= ENTRY_SCORE
    assert np.nanmin(score) <= -ENTRY_SCORE
