"""What is kept of a backtest: what was asked, what it was made from, and what came of it, in words and figures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, JsonValue

from desk.accounts import Fleet
from desk.adapters.backtests.identity import file_hash, result_hash, text_hash
from desk.adapters.backtests.opening import Past
from desk.backtest.engine import Windows
from desk.backtest.headlines import headlines
from desk.backtest.metrics import Figures
from desk.backtest.result import BacktestResult
from desk.backtest.rounds import ClosedRound


@dataclass(frozen=True, slots=True)
class Asked:
    """What a backtest was asked for.

    Attributes:
        start, end, cash: None where it was not said.
        files: by instrument, instead of the account's feed; None for the feed.
    """

    account: str
    start: datetime | None = None
    end: datetime | None = None
    cash: Decimal | None = None
    windows: Windows = Windows.ALL
    files: Mapping[str, Path] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of a backtest, with its figures."""

    asked: Asked
    past: Past
    result: BacktestResult
    rounds: tuple[ClosedRound, ...]
    figures: Figures


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CandleFile(_Record):
    """A file of candles as it was."""

    path: str
    sha256: str


class Told(_Record):
    """A headline as a person reads it."""

    about: str
    name: str
    value: str


class Wanted(_Record):
    """What was asked for, see `Asked`, and whether files were given instead of the account's feed."""

    start: datetime | None
    end: datetime | None
    cash: Decimal | None
    windows: Windows
    files: bool


class Run(_Record):
    """A backtest that is kept.

    Attributes:
        made_at: by the machine's time.
        wanted: what was asked for.
        start, end: what that came to.
        data: identity of the candles, see `History.identity`.
        files: where they came from; of a market that is made up there are none, and a `seed`.
        config_version: of the account as it was configured.
        release, code: of the desk, and the hash of its code and of the operator's strategies.
        result: the hash of what was traded and of the equity.
        headlines: in the order of reading.
        figures: every figure, by its group.
        no_trades: how often each reason kept each instrument from a proposal.
        refusals: how often each rule cut or refused a proposal, by reason.
        trips: what the breaker did.
        left_out: instruments without candles.
        open: quantities held at the end.
    """

    id: str
    made_at: datetime
    account: str
    description: str
    wanted: Wanted
    start: datetime
    end: datetime
    currency: str
    cycles: int
    fills: int
    data: str
    files: Mapping[str, CandleFile]
    seed: int | None
    config_version: str
    release: str
    code: str
    result: str
    headlines: tuple[Told, ...]
    figures: Mapping[str, JsonValue]
    no_trades: Mapping[str, Mapping[str, int]]
    refusals: Mapping[str, Mapping[str, int]]
    trips: tuple[Mapping[str, JsonValue], ...]
    left_out: tuple[str, ...]
    open: Mapping[str, str]

    @property
    def asked(self) -> Asked:
        """What to ask for to have it again, of the files that it was made from."""
        given = {name: Path(file.path) for name, file in self.files.items()} if self.wanted.files else None
        wanted = self.wanted
        return Asked(self.account, wanted.start, wanted.end, wanted.cash, wanted.windows, given)


def record_of(outcome: Outcome, fleet: Fleet, *, made_at: datetime, release: str, code: str) -> Run:
    """Return what is kept of a backtest in words and figures; its id is of the time, the account and all hashes."""
    asked, past, result = outcome.asked, outcome.past, outcome.result
    came_to = result_hash(result)
    differs = text_hash((asked, past.config_version, result.data, code, came_to))[:6]
    return Run(
        id=f"{made_at:%Y%m%dT%H%M%S}{made_at.microsecond // 1000:03}Z-{result.account}-{differs}",
        made_at=made_at,
        account=result.account,
        description=fleet.account(result.account).description,
        wanted=Wanted(
            start=asked.start, end=asked.end, cash=asked.cash, windows=asked.windows, files=asked.files is not None
        ),
        start=result.start,
        end=result.end,
        currency=result.currency,
        cycles=len(result.times),
        fills=len(result.fills),
        data=result.data,
        files={name: CandleFile(path=str(path.resolve()), sha256=file_hash(path)) for name, path in past.files.items()},
        seed=past.seed,
        config_version=past.config_version,
        release=release,
        code=code,
        result=came_to,
        headlines=tuple(Told(**asdict(one)) for one in headlines(result, outcome.figures)),
        figures=_plain(asdict(outcome.figures)),
        no_trades={
            name: {reason.value: n for reason, n in counts.items()} for name, counts in result.no_trades.items()
        },
        refusals=_refusals(result),
        trips=_plain([asdict(trip) for trip in result.trips]),
        open={name: f"{holding.position.quantity:f}" for name, holding in result.open.items()},
        left_out=past.left_out,
    )


def _refusals(result: BacktestResult) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (rule, reason), count in result.refusals.items():
        found.setdefault(rule, {})[reason.value] = count
    return found


def _plain(value: object) -> Any:
    """The value as JSON has it: amounts as text to the last digit, lengths of time in seconds."""
    return orjson.loads(orjson.dumps(value, default=_written))


def _written(value: object) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"expected a value of a figure, found {value!r}")
