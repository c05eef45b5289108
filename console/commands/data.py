"""What there is to type after `desk data`; the work is in `console.data`, loaded when a command runs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from console.commands.words import AsJson

Prefer = Annotated[
    Literal["new", "old"] | None,
    typer.Option(help="Which candles stay where both have one and they differ; refused without.", show_default=False),
]
Name = Annotated[
    str, typer.Argument(help="A recording, such as oanda/EUR-USD/M5; its end is enough.", show_default=False)
]
OneName = Annotated[
    str | None, typer.Argument(help="One recording, such as oanda/EUR-USD/M5; every one without.", show_default=False)
]
Length = Annotated[str, typer.Argument(help="M1, M5, M10, M15, M30, H1, H2, H4 or D1.", show_default=False)]

app = typer.Typer(help="Import, download, list, check and resample candles for research.", no_args_is_help=True)


@app.command("import")
def data_import(
    file: Annotated[
        Path, typer.Argument(help="A .csv, .txt, .tsv, .json, .parquet or .feather file.", show_default=False)
    ],
    *,
    instrument: Annotated[str, typer.Option(help="Such as EUR/USD.", show_default=False)],
    timeframe: Annotated[str, typer.Option(help="M1, M5, M10, M15, M30, H1, H2, H4 or D1.", show_default=False)],
    source: Annotated[
        str | None, typer.Option(help="Whom the candles are from, such as binance; `imported` without.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            help="Which column is what: time=Zeit,open=Erster,… or, without a header, time,open,high,low,close,-.",
            show_default=False,
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            help="Of times without a zone: UTC, Europe/Athens, or ahead of one, America/New_York+07:00.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        Literal["fx", "metal", "spot", "perpetual"] | None,
        typer.Option(help="In which sessions it trades; what the desk knows of it without.", show_default=False),
    ] = None,
    tick: Annotated[
        str | None,
        typer.Option(
            help="Smallest step of its price; with lot and minimum quantity for what the desk does not know.",
            show_default=False,
        ),
    ] = None,
    lot: Annotated[
        str | None, typer.Option(help="Smallest step of a quantity, in base units.", show_default=False)
    ] = None,
    minimum_quantity: Annotated[
        str | None, typer.Option(help="Smallest order, in base units.", show_default=False)
    ] = None,
    minimum_notional: Annotated[
        str | None, typer.Option(help="Smallest value of an order, in quote currency; 0 without.", show_default=False)
    ] = None,
    prefer: Prefer = None,
    as_json: AsJson = False,
) -> None:
    """Read candles from a file, say how it was understood, and add them to a recording."""
    from console.data import Import, run_import
    from console.grids import TypedGrid

    grid = TypedGrid(tick, lot, minimum_quantity, minimum_notional)
    typed = Import(file, instrument, timeframe, source, columns, timezone, kind, prefer, grid)
    raise typer.Exit(run_import(typed, as_json=as_json))


@app.command("download")
def data_download(
    origin: Annotated[
        str, typer.Argument(help="An account, a connection or a feed of accounts.yaml.", show_default=False)
    ],
    instrument: Annotated[str, typer.Argument(help="Such as EUR/USD.", show_default=False)],
    timeframe: Length,
    *,
    start: Annotated[str, typer.Option("--from", help="Time of the first candle, such as 2024-01-01.")],
    end: Annotated[
        str | None, typer.Option("--to", help="Time of the last close; now without.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch closed candles page by page into a recording; the same command goes on where it was stopped."""
    from console.data import run_download
    from console.times import parse_time

    until = parse_time(end) if end else None
    raise typer.Exit(run_download(origin, instrument, timeframe, start=parse_time(start), end=until, as_json=as_json))


@app.command("list")
def data_list(*, as_json: AsJson = False) -> None:
    """List the recordings: from when to when, how many candles, how many gaps, and the data hash."""
    from console.data import show_list

    raise typer.Exit(show_list(as_json=as_json))


@app.command("check")
def data_check(
    name: OneName = None,
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 1 where something is odd, too, not only where it is wrong.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with recordings, and what is odd; end with 1 where something is wrong.

    Wrong: open times that are not in order, double, or not on the timeframe's boundaries (order, duplicate, boundary,
    timeframe); prices that are not finite, not above 0, or not between high and low (finite, positive, enclose); a bid
    above the ask (crossed); a volume below 0 (volume); a file that was changed since it was written (hash).

    Odd: candles that an open market should have and that are missing, by the sessions of the instrument (gap); candles
    while the market is closed (session); a high or low more than 25 robust standard deviations from the median of the
    25 closes around it, counted in their median absolute deviation times 1.4826 (outlier); 10 candles or more in a row
    without volume (zero_volume).
    """
    from console.data import run_check

    raise typer.Exit(run_check(name, is_strict=strict, as_json=as_json))


@app.command("resample")
def data_resample(
    name: Name,
    timeframe: Length,
    *,
    coverage: Annotated[
        float,
        typer.Option(min=0.01, max=1, help="The share of its shorter candles that a longer one must be made of."),
    ] = 1.0,
    prefer: Prefer = None,
    as_json: AsJson = False,
) -> None:
    """Make longer candles of a recording, of whole ones only, and say how many were left out."""
    from console.data import run_resample

    raise typer.Exit(run_resample(name, timeframe, coverage=coverage, prefer=prefer, as_json=as_json))
