"""No sizing risks more than asked or holds more than it may, in any currency, kind of contract and lot."""

from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.model.books import AccountState, Snapshot
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.records import TrackRecord
from desk.model.surroundings import Surroundings
from desk.plugin import Sizing
from desk.registry import sizings
from desk.sizing.fixed_fraction import FixedFraction
from desk.sizing.fixed_notional import FixedNotional
from desk.sizing.kelly import Kelly
from desk.sizing.volatility_target import VolatilityTarget
from tests.builders import CLOSE, snapshot

CONTRACTS = {
    "EUR/USD": InstrumentKind.FX,
    "USD/JPY": InstrumentKind.FX,
    "XAU/USD": InstrumentKind.METAL,
    "BTC/USDT": InstrumentKind.SPOT,
    "BTC/USDT:USDT": InstrumentKind.PERPETUAL,
}
CURRENCIES = ("USD", "JPY", "EUR", "USDT", "GBP")
RECORD = TrackRecord(200, 120, 1.5, -1.0, 1.2)
_FRACTIONS = st.decimals("0.0001", "0.1", places=6)
_CAPS = st.decimals("0.01", "50", places=4)


@st.composite
def asked(draw: st.DrawFn) -> tuple[Sizing, Decimal, Decimal]:
    """A sizing, with the fractions of equity that may be lost and that may be held."""
    risk, cap, costs = draw(_FRACTIONS), draw(_CAPS), draw(st.decimals("0", "100", places=2))
    choices: dict[str, Sizing] = {
        "fixed_fraction": FixedFraction(fraction=risk, max_notional_fraction=cap, cost_bps=costs),
        "fixed_notional": FixedNotional(fraction=cap, max_risk_fraction=risk, cost_bps=costs),
        "volatility_target": VolatilityTarget(
            target=Decimal(1), max_notional_fraction=cap, max_risk_fraction=risk, cost_bps=costs
        ),
        "kelly": Kelly(share=Decimal(1), max_fraction=risk, max_notional_fraction=cap, cost_bps=costs),
    }
    assert set(choices) <= set(sizings().discover())
    return choices[draw(st.sampled_from(sorted(choices)))], risk, cap


@st.composite
def markets(draw: st.DrawFn) -> tuple[Instrument, Snapshot]:
    """An instrument with any grid, in an account of any currency with any equity."""
    name, currency = draw(st.sampled_from(sorted(CONTRACTS))), draw(st.sampled_from(CURRENCIES))
    lot = Decimal(draw(st.sampled_from(["1", "0.01", "0.00000001", "0.003", "1000"])))
    instrument = Instrument(name, CONTRACTS[name], Decimal("0.00001"), lot, lot)
    equity = draw(st.decimals("0.01", "10000000", places=2))
    rate = Decimal(10**4) / draw(st.integers(1, 10**9))
    money = AccountState(currency, equity, equity, CLOSE, {instrument.quote: rate})
    around = Surroundings(volatility={name: draw(st.floats(0.01, 3))})
    return instrument, snapshot(
        money=money, instruments={name: instrument}, surroundings=around, records={"one": RECORD}
    )


@settings(max_examples=300)
@given(asked(), markets(), st.decimals("0.00001", "100000", places=5), st.floats(1e-6, 1e4).map(repr).map(Decimal))
def test_neither_the_loss_at_the_stop_nor_the_value_is_above_what_was_asked_to_the_last_digit(
    wanted: tuple[Sizing, Decimal, Decimal], market: tuple[Instrument, Snapshot], price: Decimal, distance: Decimal
) -> None:
    (sizing, risk, cap), (instrument, books) = wanted, market
    size = sizing.size(instrument, price, distance, books, "one")
    rate, equity = books.rate(instrument.name), books.money.equity
    assert rate is not None
    costs: Decimal = sizing.cost_bps
    for quantity in (size, instrument.round_quantity(size)):
        with localcontext(prec=200):
            assert quantity * (distance + price * costs / 10_000) * rate <= equity * risk
            assert quantity * price * rate <= equity * cap


@given(asked(), st.sampled_from(["BTC", "USD", "EUR"]))
def test_a_contract_whose_profit_is_not_linear_is_not_sized(
    wanted: tuple[Sizing, Decimal, Decimal], currency: str
) -> None:
    inverse = Instrument("BTC/USD:BTC", InstrumentKind.PERPETUAL, Decimal("0.1"), Decimal(1), Decimal(1))
    money = AccountState(currency, Decimal(10**6), Decimal(10**6), CLOSE, {"USD": Decimal(1), "BTC": Decimal(50_000)})
    around = Surroundings(volatility={inverse.name: 0.5})
    books = snapshot(money=money, instruments={inverse.name: inverse}, surroundings=around, records={"one": RECORD})
    assert not inverse.is_linear
    assert wanted[0].size(inverse, Decimal(50_000), Decimal(100), books, "one") == 0


@pytest.mark.parametrize("name", sorted(sizings().discover()))
def test_equity_that_is_gone_buys_nothing(name: str) -> None:
    books = snapshot(equity="-1", records={"one": RECORD}, surroundings=Surroundings(volatility={"EUR/USD": 0.1}))
    books = replace(books, money=replace(books.money, cash=Decimal(10_000)))
    size = sizings().build(name, {}).size(books.instruments["EUR/USD"], Decimal(1), Decimal("0.01"), books, "one")
    assert size == 0
