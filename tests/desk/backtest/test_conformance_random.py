"""The same on random candles, with fees and leverage: exits, prices to 1e-7, profits to 8 decimals."""

import pytest

from desk.backtest.simulate import Engine
from tests.desk.backtest.conformance import FOLDER, cases, deviations, run
from tests.desk.backtest.engines import ENGINES

CASES = "backtest_random.json"
pytestmark = pytest.mark.skipif(not (FOLDER / CASES).exists(), reason="needs ../shared/conformance")


@pytest.mark.parametrize("engine", ENGINES)
def test_all_100_cases_come_out_as_freqtrade_has_them(engine: Engine):
    wrong = [words for case in cases(CASES) for words in deviations(case, run(case, engine=engine))]
    assert not wrong, "\n".join(wrong)
    assert len(cases(CASES)) == 100


def test_a_price_that_differs_by_a_millionth_is_told():
    case = next(case for case in cases(CASES) if case["expected"]["trades"])
    first, *rest = case["expected"]["trades"]
    other = {**case, "expected": {"trades": [{**first, "close_price": first["close_price"] + 1e-6}, *rest]}}
    [words] = deviations(other, run(case))
    assert "close_price" in words


def test_a_fee_that_is_left_out_is_told():
    charged = [case for case in cases(CASES) if case["fee_rate"]]
    wrong = [words for case in charged for words in deviations(case, run({**case, "fee_rate": 0.0}))]
    assert len(wrong) > len(charged)
