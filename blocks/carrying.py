"""Carries out what a plan of portfolio.yaml proposes, where the file allows it and a venue can."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import uuid4

from blocks.account import AccountBlock, OpenAccount
from blocks.rebalancing import plan_portfolio
from blocks.resources import resources
from blocks.treasuries import converter_of, treasury_between
from desk.accounts import AccountSpec, Fleet
from desk.accounts.arming import REAL_MONEY, environment_of
from desk.adapters.clocks import SystemClock
from desk.adapters.sharing import rates_now
from desk.errors import ConfigError, DeskError, VenueError
from desk.model.moves import KeptMove, Move, MoveState
from desk.portfolio.actions import Action, Conversion, Plan, Reallocation, Transfer
from desk.portfolio.carrying import CarryingLimits, plan_move
from desk.ports import Treasury
from desk.steps.treasury import End, Outcome, carry_out, settle

NOT_ALLOWED = "portfolio.yaml does not say `carry_out: true`: the desk moves no money"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be carried out.

    Attributes:
        settled: what became of earlier moves whose outcome was not known.
        moves: in the order of the plan.
        left: what stays with a person, and why.
        notes: of the plan.
        is_real: whether it is real money.
    """

    settled: tuple[Outcome, ...] = ()
    moves: tuple[Move, ...] = ()
    left: tuple[tuple[Action, str], ...] = ()
    notes: tuple[str, ...] = ()
    is_real: bool = False


def may_carry_out_alone() -> bool:
    """Return whether portfolio.yaml lets a plan be carried out without anybody being asked."""
    portfolio = resources().fleet().portfolio
    return portfolio is not None and portfolio.is_carried_out_alone


async def propose() -> Proposal:
    """Ask what became of earlier moves, plan anew, and return what the desk itself can carry out of the plan.

    Raises:
        ConfigError: the configuration cannot be used.
        LedgerError: the ledger cannot be read or written.
    """
    settled = await settle_open()
    fleet, plan = resources().fleet(), await plan_portfolio()
    found = await ways_of(plan)
    moves = tuple(move for _, move in found if isinstance(move, Move))
    left = tuple((action, why) for action, why in found if isinstance(why, str))
    is_real = any(environment_of(fleet, name) == REAL_MONEY for move in moves for name in move.accounts)
    return Proposal(settled, moves, left, plan.notes, is_real)


async def ways_of(plan: Plan) -> tuple[tuple[Action, Move | str], ...]:
    """Return each action of a plan with the move that carries it out, or with what a person does for it."""
    fleet = resources().fleet()
    rates = await _rates(fleet)
    return tuple((action, _way_of(fleet, action, rates)) for action in plan.actions)


async def carry_out_moves(moves: Sequence[Move]) -> tuple[Outcome, ...]:
    """Carry moves out, one after the other; after one whose outcome is not known, nothing more is sent.

    Raises:
        LedgerError: what was sent cannot be written down.
    """
    outcomes: list[Outcome] = []
    for move in moves:
        if outcomes and outcomes[-1].state is MoveState.UNKNOWN:
            outcomes.append(Outcome(move, MoveState.PLANNED, "it is not known what became of the move before it"))
        else:
            outcomes.append(await _carry_out(move))
    return tuple(outcomes)


async def settle_open() -> tuple[Outcome, ...]:
    """Ask what became of every move whose outcome is not known.

    Raises:
        LedgerError: what was found cannot be written down.
    """
    return tuple([await _settle(kept) for kept in await resources().ledger.open_moves()])


async def _carry_out(move: Move) -> Outcome:
    limits, treasury = _limits(), _treasury_of(resources().fleet(), move)
    if limits is None or isinstance(treasury, str):
        return Outcome(move, MoveState.PLANNED, treasury if isinstance(treasury, str) else NOT_ALLOWED)
    try:
        async with _held(move) as ends:
            if isinstance(ends, str):
                return Outcome(move, MoveState.PLANNED, ends)
            return await carry_out(move, ends, treasury, limits, resources().ledger)
    except VenueError as error:
        return Outcome(move, MoveState.PLANNED, str(error))


async def _settle(kept: KeptMove) -> Outcome:
    """One that cannot be asked for now must not keep the others from it; it stays as it is."""
    try:
        treasury = _treasury_of(resources().fleet(), kept.move)
        if isinstance(treasury, str):
            return Outcome(kept.move, kept.state, treasury)
        async with _held(kept.move) as ends:
            if isinstance(ends, str):
                return Outcome(kept.move, kept.state, ends)
            return await settle(kept, ends, treasury, resources().ledger)
    except DeskError as error:
        return Outcome(kept.move, kept.state, str(error))


@asynccontextmanager
async def _held(move: Move) -> AsyncIterator[list[End] | str]:
    """Hold every account that a move touches; gives in words why that cannot be."""
    run = f"carry-out-{uuid4()}"
    async with AsyncExitStack() as stack:
        ends: list[End] = []
        for name in move.accounts:
            account = AccountBlock(name=name).open(run=run)
            if not await stack.enter_async_context(account.held()):
                yield f"another run holds {name}; try again"
                return
            ends.append(_end(account))
        yield ends


def _end(account: OpenAccount) -> End:
    assert account.lease is not None, f"{account.spec.name}: the account is not held"
    return End(account.spec.name, account.trading, account.lease, account.clock.now)


def _limits() -> CarryingLimits | None:
    portfolio = resources().fleet().portfolio
    return None if portfolio is None else portfolio.allowed


async def _rates(fleet: Fleet) -> dict[str, Decimal]:
    portfolio = fleet.portfolio
    if portfolio is None:
        return {}
    names = {*portfolio.targets, *(one.account for one in portfolio.conversions)}
    specs: list[AccountSpec] = [fleet.account(name) for name in sorted(names)]
    return await rates_now(fleet, resources().ledger, specs) if specs else {}


def _way_of(fleet: Fleet, action: Action, rates: dict[str, Decimal]) -> Move | str:
    if isinstance(action, Reallocation):
        return "by hand: set `allocation` of the account in accounts.yaml, and arm it again where it is live"
    try:
        way = _transfer(fleet, action, rates) if isinstance(action, Transfer) else _conversion(fleet, action, rates)
    except ConfigError as error:
        way = str(error)
    return way if isinstance(way, Move) else f"by hand, at the venue: {way}"


def _transfer(fleet: Fleet, action: Transfer, rates: dict[str, Decimal]) -> Move | str:
    source, target = fleet.account(action.source), fleet.account(action.target)
    treasury = treasury_between(source, target)
    if isinstance(treasury, str) or (why := _why_not(fleet, source, rates)):
        return treasury if isinstance(treasury, str) else why
    rate = rates[source.currency]
    return plan_move(_today(), source.name, target.name, action.amount, currency=source.currency, rate=rate)


def _conversion(fleet: Fleet, action: Conversion, rates: dict[str, Decimal]) -> Move | str:
    spec = fleet.account(action.account)
    treasury = converter_of(spec, action.instrument)
    if isinstance(treasury, str) or (why := _why_not(fleet, spec, rates)):
        return treasury if isinstance(treasury, str) else why
    rate, into = rates[spec.currency], action.currency
    worth = action.quantity * rate
    return plan_move(_today(), spec.name, spec.name, worth, currency=spec.currency, rate=rate, into=into)


def _why_not(fleet: Fleet, source: AccountSpec, rates: dict[str, Decimal]) -> str:
    if _limits() is None:
        return NOT_ALLOWED
    return "" if source.currency in rates else f"no rate of {source.currency} into {fleet.currency} is known"


def _today() -> date:
    return SystemClock().now().date()


def _treasury_of(fleet: Fleet, move: Move) -> Treasury | str:
    if move.is_conversion:
        return converter_of(fleet.account(move.source), f"{move.into}/{move.currency}")
    return treasury_between(fleet.account(move.source), fleet.account(move.target))
