"""The trades and the equity of a backtest as Parquet, for whoever reckons on with them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from desk.backtest.levels import levels_of
from desk.backtest.result import BacktestResult
from desk.backtest.rounds import ClosedRound
from desk.backtest.tables import side_name

if TYPE_CHECKING:  # pyarrow costs 0.1 s to import and is wanted where a file is written only
    import pyarrow as pa

TRADES, EQUITY = "trades.parquet", "equity.parquet"


def write_tables(folder: Path, result: BacktestResult, rounds: Sequence[ClosedRound]) -> None:
    """Write both files: a row for each closed trade, and one for each cycle."""
    import pyarrow as pa
    from pyarrow import parquet

    time = pa.timestamp("s", tz="UTC")
    equity = {"time": pa.array(result.times, type=pa.int64()).cast(time), "equity": pa.array(result.equity)}
    parquet.write_table(_trades(result, rounds), folder / TRADES, compression="none")
    parquet.write_table(pa.table(equity), folder / EQUITY, compression="none", use_dictionary=False)


def _trades(result: BacktestResult, rounds: Sequence[ClosedRound]) -> "pa.Table":
    import pyarrow as pa

    levels = levels_of(result)
    time, number, text = pa.timestamp("us", tz="UTC"), pa.float64(), pa.string()
    kinds: Mapping[str, pa.DataType] = {
        **dict.fromkeys(("instrument", "strategy", "exit_reason"), text),
        **dict.fromkeys(("opened_at", "closed_at"), time),
        **dict.fromkeys(
            ("quantity", "entry_price", "exit_price", "profit", "costs", "financing", "risk", "mae", "mfe", "rate"),
            number,
        ),
    }
    columns = {name: pa.array([getattr(one, name) for one in rounds], type=kind) for name, kind in kinds.items()}
    columns["side"] = pa.array([side_name(one.side) for one in rounds])
    for name in ("stop", "target"):
        columns[name] = pa.array([_number(getattr(one, name)) for one in levels], type=number)
    return pa.table(columns)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
