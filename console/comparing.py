"""Compares two accounts: what their trades and their days brought, and how sure the difference is."""

from dataclasses import asdict

from console.ledgers import ask
from console.services.comparing import AccountsCompared, compare_accounts, tell_comparison, tell_verdict_of
from console.services.opening import OpenDesk
from console.showing import print_json, print_line, print_rows
from console.times import parse_since
from desk.accounts import load_fleet
from desk.adapters.settings import settings
from desk.monitor.comparing import Comparison

Row = dict[str, object]


def show_comparison(first: str, second: str, *, since: str | None, as_json: bool) -> int:
    """Print both means, their difference and its significance, of trades and of days.

    Raises:
        NotUnderstood: there is no such account, both are the same, or `since` is neither a time nor a length.
    """
    fleet, start = load_fleet(settings().config), parse_since(since)
    compared = ask(lambda ledger: compare_accounts(OpenDesk(fleet, ledger), first, second, since=start))
    if as_json:
        told = {_key(name): _told(one) for name, one in compared.found.items()}
        print_json({"accounts": compared.accounts, "differ_in": compared.differ_in, **told})
    else:
        _print(compared)
    return 0


def _told(one: Comparison | None) -> Row | None:
    return None if one is None else {**asdict(one), "p_error": one.p_error}


def _key(name: str) -> str:
    return name.lower().replace(" ", "_")


def _print(compared: AccountsCompared) -> None:
    first, second = compared.accounts
    differing = ", ".join(compared.differ_in) or "nothing that shapes decisions"
    print_line(f"{first} and {second} differ in: {differing}")
    rows = [dict(tell_comparison(name, compared.accounts, one)) for name, one in compared.found.items()]
    print_rows(rows, as_json=False)
    for name, one in compared.found.items():
        print_line(f"{name}: {tell_verdict_of(one)}")
