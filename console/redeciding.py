"""Decides recorded cycles again with today's code and configuration, and prints which came out otherwise, and why."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime

from console.ledgers import ask
from console.naming import accounts_for_each
from console.showing import print_json, print_line
from console.times import format_minute
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.steps.redeciding import Redecided, redecide


def run_again(accounts: Sequence[str], *, start: datetime, end: datetime, as_json: bool) -> int:
    """Print what differs, cycle by cycle, and return 1 where anything does.

    Raises:
        NotUnderstood: there is no such account.
        LedgerError: the ledger cannot be read.
        DataError: a feed has no candles of that time any more.
    """
    fleet = read_fleet(settings().config)
    names = accounts_for_each(fleet, accounts)

    async def compare(ledger: Ledger) -> list[Redecided]:
        return [found async for found in _again(ledger, names, start, end)]

    compared = ask(compare)
    different = [found for found in compared if found.differences]
    if as_json:
        print_json({"cycles": len(compared), "different": [_facts(found) for found in different]})
    else:
        _print(compared, different, {name: fleet.account(name).config_version for name in names})
    return 1 if different else 0


async def _again(ledger: Ledger, names: Sequence[str], start: datetime, end: datetime) -> AsyncIterator[Redecided]:
    # Imported late: Prefect comes with it, and a word that is not understood must not wait for that.
    from blocks.account import AccountBlock
    from blocks.resources import close_resources

    try:
        for name in names:
            for summary in await ledger.cycles(name, since=start, until=end):
                record = await ledger.cycle(summary.key)
                if record is None or record.snapshot is None:
                    continue
                account = AccountBlock(name=name).open(run="redecide", at=None)
                found = await redecide(record, account.policy, account.feed)
                if found is not None:
                    yield found
    finally:
        await close_resources()


def _print(compared: Sequence[Redecided], different: Sequence[Redecided], versions: dict[str, str]) -> None:
    for found in different:
        key, record = found.record.key, found.record
        print_line(f"{key.account}, candle closed {format_minute(key.candle_close)} UTC")
        if record.config_version != versions[key.account]:
            print_line(f"  configuration {record.config_version or 'unknown'}, now {versions[key.account]}")
        for one in found.differences:
            print_line(f"  {one.instrument}: {one.before}; now {one.now}")
            for why in one.why:
                print_line(f"    {why}")
        print_line()
    print_line(f"{len(compared)} cycles decided again, {len(different)} of them otherwise")


def _facts(found: Redecided) -> dict[str, object]:
    return {
        "account": found.record.key.account,
        "candle_close": found.record.key.candle_close,
        "config_version": found.record.config_version,
        "code_version": found.record.code_version,
        "differences": [asdict(one) for one in found.differences],
    }
