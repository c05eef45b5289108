"""One hash over what was decided and done, so that two runs of the same input can be compared."""

import hashlib
from collections.abc import Collection, Mapping
from decimal import Decimal

import orjson
from sqlalchemy import select
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.repository import Repository, table_of
from desk.adapters.ledger.tables import (
    CycleRow,
    FillRow,
    FindingRow,
    NoTradeRow,
    OrderRow,
    PositionRow,
    SignalRow,
    TradeRow,
    VerdictRow,
)
from desk.adapters.ledger.types import canonical

_PARTS: Mapping[type[SQLModel], tuple[str, ...]] = {
    CycleRow: ("account", "candle_close", "state", "mode", "config_version", "intents"),
    SignalRow: (
        "account",
        "candle_close",
        "sequence",
        "strategy",
        "instrument",
        "judged_close",
        "score",
        "stop_distance",
        "target_distance",
        "reason",
    ),
    NoTradeRow: ("account", "candle_close", "sequence", "instrument", "reason"),
    VerdictRow: ("account", "candle_close", "sequence", "proposal", "state", "quantity"),
    FindingRow: (
        "account",
        "candle_close",
        "verdict",
        "sequence",
        "rule",
        "allowed_quantity",
        "limit",
        "unit",
        "reason",
    ),
    OrderRow: (
        "client_order_id",
        "account",
        "candle_close",
        "strategy",
        "instrument",
        "side",
        "type",
        "quantity",
        "price",
        "barriers",
        "time_in_force",
        "reduce_only",
        "state",
        "filled_quantity",
    ),
    FillRow: (
        "account",
        "client_order_id",
        "instrument",
        "side",
        "quantity",
        "price",
        "fee",
        "fee_currency",
        "reason",
    ),
    TradeRow: (
        "account",
        "instrument",
        "strategy",
        "side",
        "entry_order_id",
        "entry_candle_close",
        "entry_quantity",
        "entry_notional",
        "exit_quantity",
        "exit_notional",
        "realised_profit",
        "fees",
        "exit_reason",
    ),
    PositionRow: ("account", "instrument", "quantity", "cost", "barriers", "strategy"),
}
"""What counts: no run ids, no venue ids, no times but candle closes, no durations, no values observed on the way."""


class Digest(Repository):
    """The hash of the ledger."""

    async def digest(self, accounts: Collection[str] | None = None) -> str:
        """Return a sha256 over what was decided and done, the same for the same decisions on any engine.

        Args:
            accounts: which accounts count; all of them by default.
        """
        async with self.database.read() as session:
            lines = [line for row, names in _PARTS.items() for line in await _lines(session, row, names, accounts)]
        return hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()


async def _lines(
    session: AsyncSession, row: type[SQLModel], names: tuple[str, ...], accounts: Collection[str] | None
) -> list[bytes]:
    table = table_of(row)
    query = select(*(table.c[name] for name in names))
    if accounts is not None:
        query = query.where(table.c.account.in_(accounts))
    # AsyncSession.exec is typed for queries of model attributes; this one is made of a table's columns.
    connection = await session.connection()
    found = await connection.execute(query)
    return [orjson.dumps([table.name, *values], default=_plain) for values in found]


def _plain(value: object) -> str:
    assert isinstance(value, Decimal), f"a digest is made of plain values and decimals, found {value!r}"
    return canonical(value)
