"""What tests in a real browser stand on."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = shutil.which("chromium")
ROOT = Path(__file__).parents[3]
SERVE = "from console.main import main; main(['serve', '--port', '0', '--json'])"


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    """The control room of the environment in a process of its own; its address, and the link that lets in."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PREFECT_CLIENT_MAX_RETRIES": "0",
    }
    with subprocess.Popen([sys.executable, "-c", SERVE], env=environment, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        try:
            told = ""
            while not told.endswith("}\n"):
                line = serving.stdout.readline()
                assert line, "it has ended"
                told += line
            yield json.loads(told)
        finally:
            serving.terminate()


def unanswered(url: str, failure: str | None) -> list[str]:
    """Return what went wrong with a request; nothing where its page was left while it loaded, and took it back."""
    return [] if failure == "net::ERR_ABORTED" else [f"{url}: {failure}"]
