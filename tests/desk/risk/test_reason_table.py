"""One concrete case for each code under which a rule cuts or refuses, with the words and numbers of its finding."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.model.books import Snapshot
from desk.model.costs import CostEstimate
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade
from desk.model.surroundings import CalendarEvent, Importance, OtherAccount, Surroundings
from desk.model.trade import Proposal
from desk.plugin import RiskRule
from desk.registry import risk_rules
from tests.builders import CLOSE, position, quote, snapshot
from tests.contracts.samples import closed_trade, fill, proposal


@dataclass(frozen=True, slots=True)
class Case:
    """A proposal that a rule does not let pass whole, and what the finding must say; `detail` is a part of it."""

    reason: Reason
    rule: RiskRule
    proposal: Proposal
    snapshot: Snapshot
    allowed: str
    limit: str
    observed: str
    unit: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.rule.name} {self.reason}"


def rule(name: str, **parameters: object) -> RiskRule:
    return risk_rules().build(name, parameters)


def around(*, equity: str = "11000", **facts: object) -> Snapshot:
    return snapshot(equity=equity, surroundings=Surroundings(**facts))


def holding(instrument: str, quantity: str, *, equity: str = "11000", **facts: object) -> Snapshot:
    return snapshot(equity=equity, positions=[position(instrument, quantity)], surroundings=Surroundings(**facts))


def margin_used(amount: str | None) -> Snapshot:
    books = snapshot(equity="11000")
    return replace(books, money=replace(books.money, margin_used=None if amount is None else Decimal(amount)))


def beside(equity: str, day_start: str, exposure: str = "0", rate: str = "1", **facts: object) -> Snapshot:
    other = OtherAccount(
        "oanda-one", "oanda", Decimal(equity), Decimal(day_start), {"XAU/USD": Decimal(exposure)}, **facts
    )
    return around(equity="10000", others=(other,), rate=Decimal(rate))


def after(*trades: ClosedTrade) -> Snapshot:
    return snapshot(closed_trades=trades)


def wide() -> dict[str, object]:
    asked = replace(quote("EUR/USD"), bid=Decimal("1.0989"), ask=Decimal("1.1011"))
    return {"quotes": {"EUR/USD": asked}}


LARGE = proposal(quantity="9000")

CASES = [
    Case(Reason.POSITION_SIZE, rule("position_size", multiple=1), proposal(quantity="20000"), snapshot(equity="11000"),
         "10000", "11000", "22000", "USD"),
    Case(Reason.STALE_DATA, rule("position_size", multiple=1), LARGE, snapshot(quotes={}),
         "0", "10000", "0", "USD", "expected a quote of EUR/USD, found none"),
    Case(Reason.ALLOCATION, rule("allocation", parts=[{"name": "tier majors", "instruments": ["EUR/USD", "XAU/USD"],
         "multiple": "0.5"}]), proposal(quantity="10000"), holding("XAU/USD", "2"),
         "1363.6363636363636363", "5500", "15000", "USD", "tier majors"),
    Case(Reason.TOTAL_EXPOSURE, rule("total_exposure", multiple=1), LARGE, holding("XAU/USD", "-2.75"),
         "5000", "11000", "15400", "USD"),
    Case(Reason.NUMBER_OF_POSITIONS, rule("number_of_positions", limit=1), LARGE, holding("XAU/USD", "1"),
         "0", "1", "2", "positions"),
    Case(Reason.STALE_DATA, rule("stale_data", quote_age=60), LARGE,
         snapshot(quotes={"EUR/USD": quote("EUR/USD", at=CLOSE - timedelta(seconds=90))}),
         "0", "60", "90", "seconds", "the age of the quote"),
    Case(Reason.STALE_DATA, rule("stale_data", candle_age=60), LARGE, snapshot(at=CLOSE + timedelta(seconds=61)),
         "0", "60", "61", "seconds", "the age of the candle"),
    Case(Reason.STALE_DATA, rule("stale_data"), LARGE, snapshot(quotes={}),
         "0", "1", "0", "quotes", "expected a quote of EUR/USD, found none"),
    Case(Reason.COOLDOWN, rule("cooldown", period=900), LARGE,
         snapshot(recent_fills=(fill(at=CLOSE - timedelta(seconds=60)),)),
         "0", "900", "60", "seconds", "since the last fill, where the limit is the least"),
    Case(Reason.ORDER_NOTIONAL, rule("order_notional", notional=5500), LARGE, snapshot(),
         "5000", "5500", "9900", "USD"),
    Case(Reason.ORDER_QUANTITY, rule("order_quantity", quantity=100), LARGE, snapshot(),
         "100", "100", "9000", "base units"),
    Case(Reason.RISK_PER_TRADE, rule("risk_per_trade", fraction="0.01", cost_bps=50),
         proposal(quantity="20000", stop="1.0955"), snapshot(equity="10000"),
         "10000", "100", "200", "USD"),
    Case(Reason.NOT_KNOWN, rule("risk_per_trade", fraction="0.01"), LARGE, snapshot(equity="10000"),
         "0", "100", "0", "USD", "expected a stop, found none"),
    Case(Reason.NET_EXPOSURE, rule("net_exposure", multiple=1), LARGE, holding("XAU/USD", "2.75"),
         "5000", "11000", "15400", "USD"),
    Case(Reason.CURRENCY_EXPOSURE, rule("currency_exposure", multiple=1), LARGE, holding("USD/JPY", "-5000"),
         "5500", "11000", "14850", "USD", "USD owed"),
    Case(Reason.CORRELATED_EXPOSURE, rule("correlated_exposure", multiple=1), LARGE,
         holding("XAU/USD", "2.75", correlations={"EUR/USD XAU/USD": 0.5}),
         "7500", "11000", "12650", "USD"),
    Case(Reason.MARGIN, rule("margin", fraction="0.5", margin_fraction="0.1"), LARGE, margin_used("4950"),
         "5000", "5500", "5940", "USD"),
    Case(Reason.NOT_KNOWN, rule("margin", fraction="0.5"), LARGE, margin_used(None),
         "0", "5500", "0", "USD", "expected the margin that the venue ties up, found nothing"),
    Case(Reason.LEVERAGE, rule("leverage", limit=2), proposal(quantity="15000"), holding("XAU/USD", "-5.5"),
         "10000", "2", "2.5", "times equity"),
    Case(Reason.LIQUIDATION_DISTANCE, rule("liquidation_distance", stop_multiple=2, maintenance_fraction="0.1"),
         proposal(quantity="20000", stop="1.045"), snapshot(equity="2090"),
         "10000", "11000", "22000", "USD", "the price may move against by 10.00 %"),
    Case(Reason.FLEET_EXPOSURE, rule("fleet_exposure", multiple=1), LARGE, beside("500", "500", "-2750", "0.5"),
         "5000", "11000", "15400", "USD"),
    Case(Reason.NOT_KNOWN, rule("fleet_exposure", multiple=1), LARGE, snapshot(),
         "0", "0", "0", "USD", "the other accounts of the fleet are not known"),
    Case(Reason.FLEET_LOSS, rule("fleet_loss", fraction="0.05"), LARGE, beside("9000", "10000"),
         "0", "1000", "1000", "USD"),
    Case(Reason.NO_CONVERSION_RATE, rule("fleet_loss", fraction="0.05"), LARGE, around(others=()),
         "0", "0", "0", "USD", "expected a rate from USD to the fleet's currency, found none"),
    Case(Reason.DUPLICATE_IDEA, rule("duplicate_idea", accounts=1), LARGE, beside("1", "1", ideas={"EUR/GBP": 1}),
         "0", "1", "2", "accounts", "oanda-one"),
    Case(Reason.PRICE_COLLAR, rule("price_collar", close_bps=100), LARGE, around(last_closes={"EUR/USD": Decimal(1)}),
         "0", "100", "1000", "bps", "from the newest close, 1"),
    Case(Reason.NOT_KNOWN, rule("price_collar", close_bps=100), LARGE, snapshot(),
         "0", "100", "0", "bps", "expected the close of the newest candle, found nothing"),
    Case(Reason.LIQUIDITY, rule("liquidity", fraction="0.001"), LARGE,
         around(turnover={"EUR/USD": Decimal(5_500_000)}),
         "5000", "5500", "9900", "USD"),
    Case(Reason.LIQUIDITY, rule("liquidity", turnover=1_000_000), LARGE, around(turnover={"EUR/USD": Decimal(999_999)}),
         "0", "1000000", "999999", "USD", "turned over in 24 hours, where the limit is the least"),
    Case(Reason.SPREAD, rule("spread", limit_bps=5), LARGE, snapshot(**wide()),
         "0", "5", "20", "bps"),
    Case(Reason.NEGATIVE_EXPECTED_VALUE, rule("expected_value", prior_mean=0.25),
         replace(proposal(quantity="9000", stop="1.09"), cost=CostEstimate(Decimal(27), Decimal(0), Decimal(0))),
         snapshot(), "0", "0", "-0.05", "R", "n 0; with 30 of mean +0.250 R before costs +0.250 R, cost 0.300 R"),
    Case(Reason.NOT_KNOWN, rule("expected_value"), LARGE, snapshot(), "0", "0", "0", "R", "an estimate of the costs"),
    Case(Reason.UNUSUAL_SPREAD, rule("unusual_spread", multiple=3), LARGE,
         snapshot(**wide(), surroundings=Surroundings(usual_spread={"EUR/USD": 0.0002})),
         "0", "6", "20", "bps"),
    Case(Reason.COOLDOWN_AFTER_LOSS, rule("cooldown_after_loss", period=3600), LARGE, after(closed_trade()),
         "0", "3600", "600", "seconds", "since the last loss, where the limit is the least"),
    Case(Reason.DAILY_LOSS, rule("daily_loss", fraction="0.02"), LARGE,
         snapshot(equity="9800", day_start_equity=Decimal(10_000)),
         "0", "200", "200", "USD"),
    Case(Reason.NOT_KNOWN, rule("daily_loss"), LARGE, snapshot(day_start_equity=Decimal(0)),
         "0", "0", "0", "USD", "expected an equity above 0 when the day began, found 0 USD"),
    Case(Reason.DRAWDOWN, rule("drawdown", fraction="0.1"), LARGE,
         snapshot(equity="8900", peak_equity=Decimal(10_000)),
         "0", "1000", "1100", "USD"),
    Case(Reason.CONSECUTIVE_LOSSES, rule("consecutive_losses", losses=2, pause=3600), LARGE,
         after(closed_trade(profit="-1"), closed_trade(profit="-2")),
         "0", "2", "2", "trades in a row", "until 2026-01-14 15:50:00 UTC"),
    Case(Reason.LOW_PROFIT_LOCK, rule("low_profit_lock", trades=2, required_profit="0.01", pause=3600), LARGE,
         after(closed_trade(profit="-15"), closed_trade(profit="20")),
         "0", "0.01", "0.005", "of the entry value", "2 closed trades, until 2026-01-14 15:50:00 UTC"),
    Case(Reason.NOT_KNOWN, rule("low_profit_lock", trades=1, pause=3600), LARGE, after(closed_trade(entry_value=None)),
         "0", "0", "0", "of the entry value", "of some the value at the entry is not known"),
    Case(Reason.STOP_LOSS_GUARD, rule("stop_loss_guard", stops=2, pause=3600), LARGE,
         after(closed_trade(), closed_trade("XAU/USD")),
         "0", "2", "2", "stops", "among 2 closed trades, until 2026-01-14 15:50:00 UTC"),
    Case(Reason.TRADE_DRAWDOWN, rule("trade_drawdown", trades=2, limit="0.02", pause=3600), LARGE,
         after(closed_trade(profit="5", ago=timedelta(minutes=20)), closed_trade("XAU/USD", profit="-25")),
         "0", "0.02", "0.025", "of the entry value", "2 closed trades, until 2026-01-14 15:50:00 UTC"),
    Case(Reason.TRADES_PER_HOUR, rule("trades_per_hour", limit=2), LARGE,
         snapshot(positions=[position("XAU/USD")], closed_trades=(closed_trade(opened=timedelta(minutes=30)),),
                  pending={"USD/JPY": Decimal(1)}),
         "0", "2", "3", "trades"),
    Case(Reason.ONE_ENTRY_PER_CANDLE, rule("one_entry_per_candle"), LARGE,
         after(closed_trade(ago=timedelta(0), opened=timedelta(0))),
         "0", "1", "2", "entries"),
    Case(Reason.SESSION_HOURS, rule("session_hours", zone="Europe/London", start="15:30", end="20:00"), LARGE,
         snapshot(), "0", "15.5", "15", "hour of the day", "Wednesday 15:00 Europe/London, allowed 15:30 to 20:00"),
    Case(Reason.SESSION_HOURS, rule("session_hours", before_close=43_200), LARGE,
         snapshot(at=CLOSE + timedelta(days=2)),
         "0", "720", "417", "minutes to the close of the week", "where the limit is the least"),
    Case(Reason.EVENT_BLACKOUT, rule("event_blackout", before=1800), LARGE,
         around(events=(CalendarEvent(CLOSE + timedelta(minutes=30), "EUR", Importance.HIGH, "Rate decision"),)),
         "0", "0", "1", "events", "Rate decision (EUR) at 2026-01-14 15:30:00 UTC"),
    Case(Reason.NOT_KNOWN, rule("event_blackout", required=True), LARGE, snapshot(),
         "0", "0", "0", "events", "there is no calendar of events"),
]  # fmt: skip

# The tests of the stages before and after the rules reach these.
OF_OTHER_STAGES = {
    Reason.NO_SIGNAL, Reason.BELOW_THRESHOLD, Reason.REGIME, Reason.OTHER_MARKET, Reason.WARMING_UP,
    Reason.POSITION_HELD, Reason.SHORT_NOT_AVAILABLE, Reason.STRATEGY_FAILED, Reason.NO_DATA, Reason.MALFORMED_DATA,
    Reason.GAPPED_DATA, Reason.MARKET_CLOSED, Reason.UNRESOLVED_ORDER, Reason.EXTERNAL_POSITION, Reason.NOT_CONFIGURED,
    Reason.TRADING_HALTED, Reason.REDUCE_ONLY, Reason.NOT_ARMED, Reason.BELOW_MINIMUM_SIZE, Reason.NO_RISK_BUDGET,
    Reason.UNSUPPORTED_CONTRACT, Reason.NOT_IN_UNIVERSE, Reason.DELISTED,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_says_which_limit_stood_in_the_way(case):
    finding = case.rule.review(case.proposal, case.snapshot)
    assert (finding.reason, finding.unit) == (case.reason, case.unit)
    found = finding.allowed_quantity, finding.limit, finding.observed
    assert found == (Decimal(case.allowed), Decimal(case.limit), Decimal(case.observed))
    assert case.detail in finding.detail


def test_every_rule_and_every_code_has_a_case():
    assert {case.rule.name for case in CASES} == set(risk_rules().discover())
    assert {case.reason for case in CASES} | OF_OTHER_STAGES == set(Reason)


@pytest.mark.parametrize("reason", sorted(OF_OTHER_STAGES))
def test_a_code_of_another_stage_is_named_by_a_test_of_the_desk(reason):
    tests = Path(__file__).resolve().parents[1]
    texts = (path.read_text(encoding="utf-8") for path in tests.rglob("test_*.py") if path != Path(__file__).resolve())
    assert any(f"Reason.{reason}" in text for text in texts)
