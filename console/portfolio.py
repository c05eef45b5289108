"""Says what would bring the fleet's money to where it should be, and what a person does for it."""

import asyncio

from console.showing import print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.portfolio.actions import Action, Conversion, Plan, Reallocation

_BY_HAND = {
    "Reallocation": "by hand: set `allocation` of the account in accounts.yaml, and arm it again where it is live",
    "Transfer": "by hand, at the venue: the desk moves no money between accounts",
    "Conversion": "by hand, at the venue: the desk sends no order for it",
}


def show_plan(*, as_json: bool) -> int:
    """Print every action that is proposed, why, and what carries it out.

    Raises:
        ConfigError: the configuration cannot be used.
        LedgerError: the ledger cannot be read.
    """
    plan = _planned()
    if as_json:
        print_json({"actions": [_facts(action) for action in plan.actions], "notes": plan.notes})
    else:
        _print(plan)
    return 0


def _planned() -> Plan:
    chosen = settings()
    read_fleet(chosen.config)
    asyncio.run(upgrade(chosen.ledger_url))
    return asyncio.run(_plan())


async def _plan() -> Plan:
    # Imported late: Prefect costs a second, and only the building of an account needs it.
    from blocks.rebalancing import plan_portfolio
    from blocks.resources import close_resources

    try:
        return await plan_portfolio()
    finally:
        await close_resources()


def _print(plan: Plan) -> None:
    for action in plan.actions:
        print_line(f"{action}")
        print_line(f"  because {action.why}")
        print_line(f"  {_BY_HAND[type(action).__name__]}")
    for note in plan.notes:
        print_line(note)
    if not plan.actions and not plan.notes:
        print_line("everything is where it should be")


def _facts(action: Action) -> dict[str, object]:
    found: dict[str, object] = {"kind": type(action).__name__.lower(), "what": str(action), "why": action.why}
    if isinstance(action, Reallocation):
        return {**found, "account": action.account, "before": action.before, "after": action.after}
    if isinstance(action, Conversion):
        told = {"account": action.account, "currency": action.currency, "instrument": action.instrument}
        return {**found, **told, "quantity": action.quantity}
    told = {"source": action.source, "target": action.target, "currency": action.currency}
    return {**found, **told, "amount": action.amount}
