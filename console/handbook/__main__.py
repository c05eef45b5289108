"""Writes every generated page: `python -m console.handbook`, or `make docs`."""

import sys
from pathlib import Path

from console.handbook.pages import write_pages

if __name__ == "__main__":
    for path in write_pages(Path(__file__).resolve().parents[2]):
        sys.stdout.write(f"{path}\n")
