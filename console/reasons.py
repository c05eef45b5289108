"""Prints what stood in the way of trades, counted by account and reason, with what each reason means."""

from collections.abc import Iterator, Mapping, Sequence

from console.ledgers import ask
from console.naming import accounts_for_each
from console.showing import print_json, print_line, print_rows
from console.times import parse_since
from desk.accounts import load_fleet
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.tallies import Tally
from desk.adapters.settings import settings
from desk.model.scopes import ALL


def show_reasons(accounts: Sequence[str], *, since: str | None, as_json: bool) -> int:
    """Print a row for each account that was scanned, and one for each of its reasons.

    Raises:
        NotUnderstood: there is no such account, or `since` is neither a time nor a length.
    """
    fleet, start = load_fleet(settings().config), parse_since(since)
    names = accounts_for_each(fleet, accounts or [ALL])

    async def read(ledger: Ledger) -> dict[str, Tally]:
        return {name: await ledger.tally(name, since=start) for name in names}

    tallies = {name: tally for name, tally in ask(read).items() if tally.cycles}
    print_tallies(tallies, as_json=as_json)
    return 0


def print_tallies(tallies: Mapping[str, Tally], *, as_json: bool) -> None:
    """Print what the scans of accounts came to."""
    if as_json:
        print_json([facts_of(name, tally) for name, tally in tallies.items()])
        return
    print_rows([_counts(name, tally) for name, tally in tallies.items()], as_json=False, empty="no scans")
    rows = list(_rows(tallies))
    if rows:
        print_line()
        print_rows(rows, as_json=False, title="What stood in the way")


def facts_of(account: str, tally: Tally) -> dict[str, object]:
    """Return the counts of an account, its reasons by code."""
    return {**_counts(account, tally), "reasons": {str(reason): count for reason, count in tally.reasons.items()}}


def _counts(account: str, tally: Tally) -> dict[str, object]:
    return {
        "account": account,
        "cycles": tally.cycles,
        "opinions": tally.opinions,
        "proposals": tally.proposals,
        "passed": tally.passed,
    }


def _rows(tallies: Mapping[str, Tally]) -> Iterator[dict[str, object]]:
    for name, tally in tallies.items():
        for reason, count in tally.reasons.items():
            yield {"account": name, "times": count, "reason": str(reason), "meaning": reason.meaning}
