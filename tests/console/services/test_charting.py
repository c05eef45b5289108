from datetime import UTC, datetime, timedelta

import pytest

from console.failures import NotUnderstood
from console.services.charting import Chart, ChartWanted, MarkKind, chart
from console.services.markets import Markets
from desk.adapters.ledger.ledger import Ledger
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import traded, traded_often

MARKETS = Markets()


async def story(ledger: Ledger) -> None:
    await traded(ledger)
    await traded_often(ledger, ("90",), account="fresh")


def drawn(ask: Ask, account: str, instrument: str = "", **wanted: object) -> Chart:
    asked = ChartWanted(account, instrument, **{"count": 20, **wanted})
    return ask(lambda desk: chart(desk, MARKETS, asked))


def test_without_words_it_is_what_was_traded_last_around_the_last_cycle(ask: Ask, fill: Fill):
    fill(story)
    found = drawn(ask, "sample")
    assert (found.instrument, found.timeframe, found.lacking) == ("EUR/USD", "M5", "")
    assert len(found.bars.opened_at) == 20
    assert found.bars.opened_at[-1] == CLOSE.timestamp() + 4 * 300
    assert all(
        low <= close <= high for low, close, high in zip(found.bars.low, found.bars.close, found.bars.high, strict=True)
    )


def test_entries_exits_and_refusals_are_marked_where_they_were(ask: Ask, fill: Fill):
    fill(story)
    [entry] = drawn(ask, "sample").marks
    assert (entry.kind, entry.price, entry.candle_close) == (MarkKind.ENTRY, 1.1, CLOSE)
    [refused] = drawn(ask, "sample", "XAU/USD").marks
    assert (refused.kind, refused.at, refused.told) == (
        MarkKind.REFUSED,
        CLOSE,
        "the position would be larger than its limit",
    )
    opened, closed = drawn(ask, "fresh", "EUR/USD", until=CLOSE + timedelta(minutes=5)).marks
    assert (opened.kind, closed.kind, closed.told) == (MarkKind.ENTRY, MarkKind.EXIT, "order, +90.00 USD")
    assert drawn(ask, "fresh", "EUR/USD", until=CLOSE - timedelta(days=1)).marks == ()
    assert drawn(ask, "fresh", "EUR/USD", until=CLOSE + timedelta(days=1)).marks == ()


def test_the_lines_are_those_of_the_position_that_is_open(ask: Ask, fill: Fill):
    fill(story)
    assert {line.name: line.price for line in drawn(ask, "sample").lines}["entry"] == 1.1
    assert drawn(ask, "fresh", "EUR/USD").lines == ()


def test_what_cannot_be_drawn_is_refused(ask: Ask, fill: Fill):
    fill(story)
    wrong: tuple[tuple[str, dict[str, object]], ...] = (
        ("sampel", {}),
        ("sample", {"timeframe": "M7"}),
        ("sample", {"count": 100_000}),
        ("sample", {"count": 0}),
        ("sample", {"until": datetime.min.replace(tzinfo=UTC)}),
    )
    for account, wanted in wrong:
        with pytest.raises(NotUnderstood):
            drawn(ask, account, "EUR/USD", **wanted)


def test_what_is_to_come_is_not_drawn(ask: Ask, fill: Fill):
    fill(story)
    found = drawn(ask, "sample", until=datetime.max.replace(tzinfo=UTC))
    assert found.until.year < 9999
    assert found.bars.opened_at[-1] < found.until.timestamp()


def test_averages_are_drawn_where_they_are_wished_for(ask: Ask, fill: Fill):
    fill(story)
    assert drawn(ask, "sample").averages == ()
    found = drawn(ask, "sample", averages=(2, 5, 30))
    assert [(one.period, one.values.count(None)) for one in found.averages] == [(2, 1), (5, 4), (30, 20)]
    two, close = found.averages[0].values, found.bars.close
    assert two[1] == pytest.approx((close[0] + close[1]) / 2)
    assert two[2] == pytest.approx(two[1] + (close[2] - two[1]) * 2 / 3)
    with pytest.raises(NotUnderstood, match="averages"):
        drawn(ask, "sample", averages=(1,))


def test_a_strategy_of_the_account_is_shown_where_it_is_wished_for(ask: Ask, fill: Fill):
    fill(story)
    assert drawn(ask, "sample").seen is None
    found = drawn(ask, "sample", strategy="momentum_trading")
    assert found.seen is not None
    assert (found.seen.strategy, found.seen.lacking, len(found.seen.score)) == ("momentum_trading", "", 20)
    assert None not in found.seen.score
    assert found.bars == drawn(ask, "sample").bars
    with pytest.raises(NotUnderstood, match="a strategy of sample: momentum_trading"):
        drawn(ask, "sample", strategy="breakout")
