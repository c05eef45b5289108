"""Which engines a test runs on."""

import pytest

from desk.backtest.kernels import compiled
from desk.backtest.simulate import Engine

needs_numba = pytest.mark.skipif(not compiled.is_available(), reason="needs numba, the extra `fast`")
ENGINES = [Engine.PYTHON, pytest.param(Engine.COMPILED, marks=needs_numba)]
