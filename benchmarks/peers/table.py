"""The table of a measurement: every way of every peer, fastest first, beside the floor of the same run."""

from collections.abc import Iterator

from benchmarks.peers.results import OURS, Results, Way, combinations, floor_of, memory, speed, told, whole
from console.tables import Row

CASES = {
    "a": "1 instrument x 100,000 candles",
    "b": "1 instrument x 1,000,000 candles",
    "c": "20 instruments x 100,000 candles, one account",
    "sweep": "100 combinations on case a",
    "s": "1 instrument x 5,000 candles",
}


def rows_of(results: Results, case: str) -> Iterator[Row]:
    """Give the rows of a case; a way that failed, or that differs from the floor, has its reason instead of speed."""
    ways = [way for way in results.runs if way.case == case]
    for way in sorted(ways, key=lambda way: -(results.median(way, speed) or 0.0)):
        yield _row(results, way)


def _row(results: Results, way: Way) -> Row:
    trouble = results.trouble(way)
    return {
        "peer": f"> {way.peer}" if way.peer == OURS else way.peer,
        "variant": way.variant,
        "candles/s": trouble.splitlines()[-1][-60:] if trouble else _count(results.median(way, speed)),
        "x floor": _short(results.ratio(way, floor_of(way.case))),
        "combinations/s": _count(results.median(way, combinations)),
        "trades": _count(results.median(way, told("trades"))),
        "final equity": _money(results.median(way, told("final_equity"))),
        "peak MB": _count(results.median(way, memory)),
        "process, CPU s": _short(results.median(way, whole)),
        "processes": str(len(results.runs[way])),
    }


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _money(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
