import subprocess
import sys
from pathlib import Path

import pytest

from desk.backtest.kernels import compiled, layout
from tests.desk.backtest.engines import needs_numba

PACKAGE = Path(compiled.__file__).parent


def test_the_checksum_is_over_every_file_that_is_compiled():
    files = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "compiled", "plain"}
    assert files == {module.__name__.rpartition(".")[2] for module in (layout, *compiled._MODULES)}


def test_numba_is_not_imported_before_it_is_used():
    script = "import sys, desk.backtest.simulate; print([m for m in ('numba', 'pandas', 'talib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@needs_numba
def test_what_was_compiled_is_kept_on_disk():
    assert Path(compiled.compiled_run().stats.cache_path).is_dir()


@needs_numba
def test_where_no_folder_can_be_written_it_is_compiled_for_the_process(monkeypatch: pytest.MonkeyPatch):
    # No function of ours is in a zip file, so numba finds no place to keep it, as on a disk that is read-only.
    monkeypatch.setattr("numba.config.CACHE_LOCATOR_CLASSES", "ZipCacheLocator")
    run = compiled._compiled(compiled._stamped(1))
    assert run.stats.cache_path is None
