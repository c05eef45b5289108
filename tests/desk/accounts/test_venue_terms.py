"""What is written about the costs of holding reaches the terms on paper; nothing written changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import load_fleet
from desk.accounts.alone import alone
from desk.adapters.venues.paper_terms import paper_terms
from desk.errors import ConfigError
from desk.matching.charges import FinancingTerms, FundingTerms
from desk.model.timeframe import Timeframe

PLAIN = "    max_leverage: 20\n"
HELD = (
    PLAIN
    + """\
    financing:
      EUR/USD: {long_rate: 0.031, short_rate: -0.012}
    funding:
      "BTC/USDT:USDT": {rate: 0.0001}
      "ETH/USDT:USDT": {rate: -0.0002, interval: 4h}
    maintenance_fraction: 0.025
    liquidation_fee_bps: 50
"""
)


def test_what_is_written_is_what_an_account_pays_on_paper(write: Callable[..., Path], tmp_path: Path) -> None:
    fleet = load_fleet(write("accounts.yaml", PLAIN, HELD))
    terms = paper_terms(fleet, fleet.account("oanda-gold"), Timeframe.M1).matching
    assert terms.holding == {
        "EUR/USD": FinancingTerms(Decimal("0.031"), Decimal("-0.012")),
        "BTC/USDT:USDT": FundingTerms(Decimal("0.0001"), timedelta(hours=8)),
        "ETH/USDT:USDT": FundingTerms(Decimal("-0.0002"), timedelta(hours=4)),
    }
    assert (terms.maintenance_fraction, terms.liquidation_fee_bps) == (Decimal("0.025"), 50)
    for file, text in alone(fleet, "oanda-gold").items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert load_fleet(tmp_path).terms_of("oanda-gold") == fleet.terms_of("oanda-gold")


def test_an_account_without_a_word_pays_nothing_and_keeps_its_version(write: Callable[..., Path]) -> None:
    fleet = load_fleet(write())
    terms = paper_terms(fleet, fleet.account("oanda-gold"), Timeframe.M1).matching
    assert (terms.holding, terms.maintenance_fraction) == ({}, 0)
    nothing = load_fleet(write("accounts.yaml", PLAIN, PLAIN + "    funding: {}\n    maintenance_fraction: 0\n"))
    held = load_fleet(write("accounts.yaml", PLAIN, HELD))
    versions = [one.account("oanda-gold").config_version for one in (fleet, nothing, held)]
    assert versions[0] == versions[1] == "498fb1150acc"
    assert versions[2] != versions[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("EUR/USD: {", '"BTC/USDT:USDT": {', "expected currencies and metals, found 'BTC/USDT:USDT'"),
        ('"ETH/USDT:USDT": {', "ETH/USDT: {", "expected perpetuals such as BTC/USDT:USDT, found 'ETH/USDT'"),
        ("fraction: 0.025", "fraction: 0.05", "expected a maintenance_fraction below 0.05"),
        ("rate: 0.0001", "rate: 2", "expected a fraction from -1 to 1"),
        ("short_rate: -0.012", "", "short_rate"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_expected(
    write: Callable[..., Path], old: str, new: str, said: str
) -> None:
    assert old in HELD
    with pytest.raises(ConfigError) as error:
        load_fleet(write("accounts.yaml", PLAIN, HELD.replace(old, new)))
    assert said in str(error.value)
