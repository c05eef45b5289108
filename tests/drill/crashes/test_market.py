"""The market of a crash drill: everybody buys at its summit, and a run that is started again meets the same prices."""

from datetime import timedelta
from decimal import Decimal

import numpy as np

from desk.model.timeframe import Timeframe
from drill.crashes.fleet import FALLEN, RAISED, STEADY, STEPS, SUMMIT
from drill.crashes.market import SteppedMarket

MARKET = SteppedMarket(SUMMIT, STEPS, steady=STEADY)
SECOND = timedelta(seconds=1)


async def bid(instrument: str, after: timedelta) -> Decimal:
    return (await MARKET.quotes([instrument], at=SUMMIT + after))[instrument].bid


async def test_prices_rise_until_the_summit():
    candles = await MARKET.candles("EUR/USD", Timeframe.M5, until=SUMMIT, count=50)

    assert (np.diff(candles.close) > 0).all()
    assert (candles.high > candles.close).all()
    assert candles.closed_at == SUMMIT


async def test_prices_stand_still_between_two_steps():
    assert await bid("EUR/USD", SECOND) == await bid("EUR/USD", RAISED - SECOND)
    assert await bid("EUR/USD", RAISED + SECOND) == await bid("EUR/USD", FALLEN - SECOND)
    assert await bid("EUR/USD", FALLEN + SECOND) == await bid("EUR/USD", 2 * FALLEN)


async def test_all_rise_once_more_and_what_is_steady_does_not_fall():
    first, raised, fallen = SECOND, RAISED + SECOND, FALLEN + SECOND

    assert await bid("EUR/USD", fallen) < await bid("EUR/USD", first) < await bid("EUR/USD", raised)
    assert await bid("GBP/USD", first) < await bid("GBP/USD", raised) == await bid("GBP/USD", fallen)


async def test_candles_and_quotes_tell_the_same_price():
    candles = await MARKET.candles("BTC/USD", Timeframe.M1, until=SUMMIT + RAISED, count=1)

    quote = (await MARKET.quotes(["BTC/USD"], at=SUMMIT + RAISED - SECOND))["BTC/USD"]
    assert quote.bid <= Decimal(str(candles.close[-1])) <= quote.ask
    assert await MARKET.quotes(["NOT/THERE"], at=SUMMIT) == {}
