"""Words that several commands share, and the panels of `desk --help`."""

from typing import Annotated

import typer

from console.naming import SCOPE_OR_NAME

RUN, LOOK, SET_UP = "Run", "Look", "Set up"
RESEARCH = "Look at the past"


def known_accounts(begun: str) -> list[str]:
    """Return the accounts that a shell may put in place of what was begun; none while the configuration is broken."""
    from console.ledgers import configured_fleet
    from desk.errors import ConfigError

    try:
        return [name for name in configured_fleet().accounts if name.startswith(begun)]
    except ConfigError:
        return []


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Account = Annotated[
    str, typer.Argument(help="The account's name in accounts.yaml.", show_default=False, autocompletion=known_accounts)
]
OneAccount = Annotated[
    str | None,
    typer.Argument(help="One account; every one without.", show_default=False, autocompletion=known_accounts),
]
SeveralAccounts = Annotated[
    list[str] | None,
    typer.Argument(help="Accounts, groups, venues or all; every one without.", show_default=False),
]
Beside = Annotated[bool, typer.Option("--venue", help="Ask the venue too, and mark what differs.")]
Newest = Annotated[int, typer.Option(help="How many of an account, counted from the newest.", min=1)]
StateScope = Annotated[
    str,
    typer.Argument(
        help=f"{SCOPE_OR_NAME}.",
        show_default=False,
    ),
]
Why = Annotated[str, typer.Option(help="For whoever finds it so; it is kept in the audit.")]
Until = Annotated[
    str | None,
    typer.Option(help="When it ends by itself: a time, or a length such as 90m, 24h or 7d.", show_default=False),
]
Who = Annotated[str | None, typer.Option("--as", help="Who orders it; without it your user name.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--set", help="KEY=VALUE for a key of the new account; as many as are needed.", show_default=False),
]
Flat = Annotated[bool, typer.Option("--flatten", help="Cancel every order and close every position there, too.")]
