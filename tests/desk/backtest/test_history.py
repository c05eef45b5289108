from dataclasses import replace
from decimal import Decimal

from desk.backtest.history import History
from tests.builders import EUR_USD, candles


def test_another_volume_a_candle_less_and_another_grid_each_make_another_past():
    seen = candles([1.1, 1.2, 1.3])
    moved = replace(seen, volume=seen.volume + 1e-9)
    wide = replace(EUR_USD, lot=Decimal(1000))
    pasts = [
        History({EUR_USD.name: instrument}, {EUR_USD.name: one})
        for instrument, one in ((EUR_USD, seen), (EUR_USD, moved), (EUR_USD, seen[1:]), (wide, seen))
    ]
    assert len({past.identity for past in pasts}) == len(pasts)
    assert History({EUR_USD.name: EUR_USD}, {EUR_USD.name: seen}).identity == pasts[0].identity
