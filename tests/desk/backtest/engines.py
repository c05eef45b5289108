"""Which engines a test runs on."""

import pytest

from desk.backtest.kernels import compiled
from desk.backtest.simulate import Engine

needs_numba = pytest.mark.skipif(not compiled.is_available(), reason="needs numba, the extra `fast`")
# The first of a checkout compiles, which is ten seconds of work and minutes on a machine that is busy.
may_compile = pytest.mark.timeout(900)
ENGINES = [Engine.PYTHON, pytest.param(Engine.COMPILED, marks=[needs_numba, may_compile])]
