"""What the fleet was worth, by currency."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from console.services.curves import FleetCurve, fleet_curves
from desk.adapters.ledger.ledger import Ledger
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask

HOURS = timedelta(hours=1)


def record(fill: Fill, *rows: tuple[str, int, str]) -> None:
    """Write down what accounts were worth so many hours after CLOSE."""

    async def written(ledger: Ledger) -> None:
        for account, hour, equity in rows:
            await ledger.record_equity(account, CLOSE + hour * HOURS, Decimal(equity), Decimal(0))

    fill(written)


def curves(ask: Ask) -> Sequence[FleetCurve]:
    return ask(fleet_curves)


def test_accounts_of_a_currency_are_added_up_and_a_newer_one_is_no_gain(ask: Ask, fill: Fill):
    record(fill, ("sample", 0, "100.1"), ("sample", 24, "90"), ("fresh", 12, "50"), ("stranger", 0, "7"))
    [curve] = curves(ask)
    assert curve.currency == "USD"
    assert curve.times[-1] == CLOSE + 24 * HOURS
    assert set(curve.equity[:-1]) == {Decimal("150.1")}
    assert curve.equity[-1] == 140


def test_currencies_are_kept_apart(ask: Ask, fill: Fill, home: Path):
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("  fresh:\n", "  fresh:\n    currency: EUR\n"))
    record(fill, ("sample", 0, "100"), ("sample", 1, "90"), ("fresh", 0, "5"))
    assert [(curve.currency, curve.equity[0], curve.equity[-1]) for curve in curves(ask)] == [
        ("USD", 100, 90),
        ("EUR", 5, 5),
    ]


def test_a_group_is_added_up_by_itself(ask: Ask, fill: Fill, grouped: Path):
    record(fill, ("sample", 0, "100"), ("resting", 0, "7"), ("fresh", 0, "50"))
    [curve] = ask(lambda desk: fleet_curves(desk, "majors"))
    assert set(curve.equity) == {Decimal(107)}
    assert ask(lambda desk: fleet_curves(desk, "nobody")) == ()


def test_it_begins_thirty_days_before_the_newest_equity_and_its_times_are_equally_far_apart(ask: Ask, fill: Fill):
    record(fill, ("sample", 0, "1"), ("sample", 24 * 90, "2"))
    [curve] = curves(ask)
    distances = {later - earlier for earlier, later in zip(curve.times, curve.times[1:], strict=False)}
    assert max(distances) - min(distances) < timedelta(seconds=1)
    begin = CLOSE + 60 * 24 * HOURS
    assert begin < curve.times[0] < begin + 6 * HOURS


def test_without_any_equity_there_is_no_curve(ask: Ask, fill: Fill):
    record(fill)
    assert curves(ask) == ()
    record(fill, ("sample", 0, "1"))
    [curve] = curves(ask)
    assert (curve.times, curve.equity) == ((CLOSE,), (Decimal(1),))
