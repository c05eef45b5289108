"""A recording is found by its name, by the end of it, or by its path."""

import pytest

from desk.adapters.data.names import SeriesName, files_in, find_file
from desk.errors import ConfigError, DataError
from desk.model.timeframe import Timeframe

EURO = SeriesName("oanda", "EUR/USD", Timeframe.M5)
ALL = [
    EURO,
    SeriesName("mt5", "EUR/USD", Timeframe.M5),
    SeriesName("aster", "BTC/USDT:USDT", Timeframe.H1),
    SeriesName("kucoin", "BTC/USDT", Timeframe.H1),
]


@pytest.fixture
def folder(tmp_path):
    for name in ALL:
        name.path(tmp_path).parent.mkdir(parents=True)
        name.path(tmp_path).touch()
    return tmp_path


def test_names_are_written_without_what_folders_do_not_take():
    assert [str(name) for name in ALL[1:]] == ["mt5/EUR-USD/M5", "aster/BTC-USDT-USDT/H1", "kucoin/BTC-USDT/H1"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("oanda/EUR-USD/M5", EURO),
        ("oanda/EUR/USD/M5", EURO),
        ("oanda/EUR-USD/M5.parquet", EURO),
        ("BTC-USDT/H1", ALL[3]),
        ("BTC/USDT/H1", ALL[3]),
        ("BTC/USDT:USDT/H1", ALL[2]),
        ("aster/BTC/USDT:USDT/H1", ALL[2]),
    ],
)
def test_a_name_or_the_end_of_one_is_enough(folder, text, name):
    assert find_file(folder, text) == name.path(folder)


def test_a_path_is_taken_as_it_is(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "M5.parquet"
    elsewhere.touch()
    assert find_file(folder, str(elsewhere)) == elsewhere


def test_a_name_that_several_have_or_none_is_refused(folder, tmp_path):
    with pytest.raises(DataError, match="expected the name of one recording, found mt5/EUR-USD/M5, oanda/EUR-USD/M5"):
        find_file(folder, "EUR-USD/M5")
    with pytest.raises(DataError, match=r"expected a recording in .*, found none; did you mean 'oanda/EUR-USD/M5'"):
        find_file(folder, "oanda/EUR-USD/M15")
    with pytest.raises(DataError, match="`desk data import` and `desk data download` write them"):
        find_file(tmp_path / "nowhere", "oanda/EUR-USD/M5")


def test_files_are_given_in_the_order_of_their_names(folder):
    assert [path.parent.parent.name for path in files_in(folder)] == ["aster", "kucoin", "mt5", "oanda"]


@pytest.mark.parametrize("source", ["", "OANDA", "../up", "a/b", ".hidden"])
def test_a_source_is_a_plain_word(source):
    with pytest.raises(ConfigError, match="source: expected small letters"):
        SeriesName(source, "EUR/USD", Timeframe.M5)


@pytest.mark.parametrize("instrument", ["EURUSD", "eur/usd", "../EUR/USD", ""])
def test_an_instrument_is_written_as_everywhere_else(instrument):
    with pytest.raises(ConfigError, match="instrument: expected a name such as EUR/USD"):
        SeriesName("oanda", instrument, Timeframe.M5)
