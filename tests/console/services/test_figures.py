"""Prices and quantities that stand together have as many digits as the instrument's price step, or as the longest."""

from decimal import Decimal
from pathlib import Path

from console.services.figures import Figures, price_steps, words_for
from desk.adapters.configuration import read_fleet
from tests.console.conftest import ACCOUNTS

ROOT = Path(__file__).parents[3]
WRITTEN = """\
  files:
    kind: recorded
    files: {EUR/USD: eur.csv, GBP/USD: gbp.csv}
    instruments: {EUR/USD: {kind: fx, tick: 0.005, lot: 1, minimum_quantity: 1}}
venues:
"""


def test_the_step_of_a_made_market_is_known_and_that_of_a_venue_is_not():
    made, live = read_fleet(ROOT / "config"), read_fleet(ROOT / "config" / "rehearsal")
    trader = next(name for name in live.accounts if "EUR/USD" in live.accounts[name].instruments)
    assert price_steps(made, [("oanda-momentum", "EUR/USD")]) == {"EUR/USD": Decimal("0.00001")}
    assert price_steps(live, [(trader, "EUR/USD")]) == {}
    assert price_steps(made, [("oanda-momentum", "EUR/USD"), ("gone", "EUR/USD")]) == {}


def test_the_step_of_a_recording_is_known_where_it_is_written(home: Path):
    text = ACCOUNTS.replace("venues:\n", WRITTEN).replace("resting:\n", "resting:\n    feed: files\n")
    (home / "config" / "accounts.yaml").write_text(text, encoding="utf-8")
    for name in ("eur.csv", "gbp.csv"):
        (home / "config" / name).write_text("time,open,high,low,close,volume\n2026-01-14T10:15Z,1,1,1,1,1\n")
    pairs = [("resting", "EUR/USD"), ("resting", "GBP/USD")]
    assert price_steps(read_fleet(home / "config"), pairs) == {"EUR/USD": Decimal("0.005")}


def test_quantities_of_an_instrument_stand_under_each_other():
    rows = [Figures("gone", "BTC/USD", quantities=[Decimal(text)]) for text in ("0.5", "-0.0125")]
    told = words_for(read_fleet(ROOT / "config"), rows).quantities
    assert [told.tell(row.instrument, row.quantities[0]) for row in rows] == ["0.5000", "-0.0125"]
