"""Says what would bring the fleet's money to where it should be, and converts currencies where a person wants it."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from console.failures import FAILED
from console.halting import os_user
from console.showing import print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.halting import printable
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.model.orders import Order, OrderState
from desk.portfolio.actions import Action, Conversion, Plan, Reallocation
from desk.steps.report import describe_order

_BY_HAND = {
    "Reallocation": "by hand: set `allocation` of the account in accounts.yaml, and arm it again where it is live",
    "Transfer": "by hand, at the venue: the desk moves no money between accounts",
    "Conversion": "`desk portfolio apply --confirm` sends the order",
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


def apply_plan(*, confirm: bool, who: str | None, as_json: bool) -> int:
    """Carry out the conversions that are needed now; without `confirm` nothing, and 1 is returned.

    Raises:
        ConfigError: the configuration cannot be used.
        LedgerError: what is done cannot be written down.
    """
    if not confirm:
        show_plan(as_json=as_json)
        if not as_json:
            print_line("Nothing was done: say --confirm to send the orders of the conversions.")
        return FAILED
    read_fleet(settings().config)
    asyncio.run(upgrade(settings().ledger_url))
    done = asyncio.run(_converted(printable(who or os_user())))
    if as_json:
        print_json([_outcome(one) for one in done])
    else:
        for line in [_said(one) for one in done] or ["no conversion is needed"]:
            print_line(line)
    return 0 if all(isinstance(one, Order) and one.state is OrderState.FILLED for one in done) else FAILED


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


async def _converted(who: str) -> Sequence[Order | str]:
    from blocks.rebalancing import convert_as_needed
    from blocks.resources import close_resources

    try:
        return await convert_as_needed(who=who, run=f"portfolio-{uuid4()}")
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


def _outcome(one: Order | str) -> dict[str, object]:
    if isinstance(one, str):
        return {"done": False, "why": one}
    return {
        "done": one.state is OrderState.FILLED,
        "order": one.client_order_id,
        "instrument": one.instrument,
        "side": one.side,
        "quantity": one.quantity,
        "filled": one.filled_quantity,
        "state": one.state,
        "why": one.reason,
    }


def _said(one: Order | str) -> str:
    return one if isinstance(one, str) else describe_order(one)
