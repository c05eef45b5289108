"""Scopes: read as they are written, and what covers what."""

import pytest

from desk.model.scopes import Scope

WRITTEN = {
    "fleet": Scope(),
    "venue:oanda": Scope(venue="oanda"),
    "account:sample": Scope(account="sample"),
    "strategy:breakout": Scope(strategy="breakout"),
    "instrument:EUR/USD": Scope(instrument="EUR/USD"),
    "instrument:BTC/USDT:USDT": Scope(instrument="BTC/USDT:USDT"),
    "account:sample/instrument:EUR/USD": Scope(account="sample", instrument="EUR/USD"),
    "account:sample/strategy:breakout": Scope(account="sample", strategy="breakout"),
    "venue:oanda/strategy:breakout": Scope(venue="oanda", strategy="breakout"),
}
ORDER = Scope("oanda", "sample", "breakout", "EUR/USD")


@pytest.mark.parametrize("text", WRITTEN)
def test_a_scope_is_read_as_it_is_written(text):
    assert Scope.parse(text) == WRITTEN[text]
    assert str(WRITTEN[text]) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "everything",
        "account:",
        "account:sample/",
        "instrument:EUR/",
        "fleet/account:sample",
        "sample",
        "account:a/b",
    ],
)
def test_a_text_that_names_nothing_is_refused(text):
    with pytest.raises(ValueError, match="expected fleet, venue:NAME"):
        Scope.parse(text)


@pytest.mark.parametrize("text", WRITTEN)
def test_an_order_is_covered_by_every_scope_that_has_only_names_of_it(text):
    assert WRITTEN[text].covers(ORDER) is ("USDT" not in text)


def test_an_account_is_not_covered_by_what_concerns_an_instrument_of_it():
    whole = Scope("oanda", "sample")
    assert not Scope(account="sample", instrument="EUR/USD").covers(whole)
    assert Scope(account="sample").covers(whole)
    assert whole.covers(whole)
