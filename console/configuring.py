"""Checks and shows what the operator has written."""

import sys

from console.failures import CONFIGURATION
from console.naming import account_of
from console.showing import print_json, print_line, print_rows
from desk.accounts import AccountSpec, Fleet, Schedule, load_fleet
from desk.accounts.schema import schema
from desk.accounts.showing import resolved, show
from desk.accounts.values import format_duration
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings
from desk.errors import ConfigError


def check(*, as_json: bool) -> int:
    """Print every problem of the configuration, then its warnings; return 3 when it cannot be used."""
    folder = settings().config
    try:
        fleet = read_fleet(folder)
    except ConfigError as error:
        _refuse(str(error).splitlines(), as_json=as_json)
        return CONFIGURATION
    if as_json:
        print_json({"accounts": len(fleet.accounts), "problems": [], "warnings": fleet.warnings})
    else:
        _approve(fleet)
    return 0


def show_account(name: str, *, as_json: bool) -> int:
    """Print an account with everything filled in, as YAML or JSON.

    Raises:
        NotUnderstood: there is no such account.
    """
    fleet = load_fleet(settings().config)
    account_of(fleet, name)
    if as_json:
        print_json(resolved(fleet, name))
    else:
        print_line(show(fleet, name).rstrip())
    return 0


def show_schema(file: str | None) -> int:
    """Print the JSON Schema of one file, such as `accounts`, or of all under their file names."""
    schemas = schema()
    print_json(schemas if file is None else schemas[f"{file}.yaml"])
    return 0


def show_accounts(*, as_json: bool) -> int:
    """Print a row per account, as it is configured."""
    fleet = load_fleet(settings().config)
    accounts = fleet.accounts.values()
    rows = [_facts(one) if as_json else _row(one, has_groups=bool(fleet.groups)) for one in accounts]
    print_rows(rows, as_json=as_json)
    return 0


def _refuse(problems: list[str], *, as_json: bool) -> None:
    # Imported late: only a broken configuration is compared with the one before it.
    from desk.adapters.last_good import LastGood

    goes_on = LastGood(settings().home, settings().config).fleet() is not None
    if as_json:
        print_json({"accounts": None, "problems": problems, "warnings": [], "goes_on": goes_on})
        return
    told = "scans go by the configuration before it; live accounts open nothing until it is mended"
    lines = (*problems, f"{_count(len(problems), 'problem')} to correct", *([told] if goes_on else []))
    sys.stderr.write("\n".join(lines) + "\n")


def _approve(fleet: Fleet) -> None:
    for warning in fleet.warnings:
        print_line(f"warning: {warning}")
    warned = f", {_count(len(fleet.warnings), 'warning')}" if fleet.warnings else ""
    print_line(f"{_count(len(fleet.accounts), 'account')}, nothing to correct{warned}")


def _facts(account: AccountSpec) -> dict[str, object]:
    return {
        "account": account.name,
        "description": account.description,
        "group": account.group,
        "venue": account.venue,
        "mode": account.mode,
        "active": account.active,
        "feed": account.feed,
        "currency": account.currency,
        "timeframe": account.timeframe,
        "instruments": account.instruments,
        "universe": account.universe,
        "strategies": [strategy.name for strategy in account.strategies],
        "policy": account.policy,
        "schedule": account.schedule.model_dump(mode="json", exclude_none=True),
        "config_version": account.config_version,
    }


def _row(account: AccountSpec, *, has_groups: bool) -> dict[str, object]:
    return {
        "account": account.name,
        **({"group": account.group or ""} if has_groups else {}),
        "venue": account.venue,
        "mode": account.mode if account.active else f"{account.mode}, off",
        "candles": account.timeframe,
        "instruments": ", ".join(account.instruments) or f"universe {account.universe}",
        "strategies": ", ".join(strategy.name for strategy in account.strategies),
        "policy": account.policy,
        "scanned": _when(account.schedule),
    }


def _when(schedule: Schedule) -> str:
    if schedule.every is not None:
        offset = f" + {format_duration(schedule.offset)}" if schedule.offset else ""
        return f"every {format_duration(schedule.every)}{offset}"
    zone = "" if schedule.timezone == "UTC" else f" {schedule.timezone}"
    # Spaces, so that a long rule can be folded.
    return f"{schedule.cron or (schedule.rrule or '').replace(';', '; ')}{zone}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
