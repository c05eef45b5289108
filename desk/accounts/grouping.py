"""Checks the names of groups of accounts: none may stand for something else as well."""

from collections.abc import Iterator, Mapping

from desk.accounts.entry import Entry
from desk.accounts.problems import Problem
from desk.accounts.spec import Venue
from desk.model.scopes import ALL, FLEET


def group_problems(accounts: Mapping[str, Entry]) -> Iterator[Problem]:
    """Yield every group that is named like an account, like a venue, or like all of them."""
    for account in accounts.values():
        group = account.child("group")
        taken = _taken(group.value, accounts) if group and isinstance(group.value, str) else ""
        if group and taken:
            told = f"expected a name that nothing else has, found '{group.value}', {taken}"
            yield group.problem(f"{told}; call the group '{group.value}-group', or anything else")


def _taken(name: str, accounts: Mapping[str, Entry]) -> str:
    """What has the name already; empty where nothing has."""
    if name in (ALL, FLEET):
        return "which stands for every account"
    if name in tuple(Venue):
        return "a venue, which stands for every account there"
    return f"the account on line {accounts[name].line}" if name in accounts else ""
