"""Reading the market: instruments, candles, and what the strategies see in them."""

from prefect import get_run_logger

from blocks.account import OpenAccount
from desk.decide import Policy
from desk.decide import compute_signals as judge
from desk.model.cycle import Decision
from desk.steps.markets import Markets, fetch_markets
from desk.steps.universe import enter_universe
from tasks.house import READ_RETRIES, desk_task, is_last_attempt


# Not kept for a retry: the choice is in the ledger.
@desk_task(timeout_seconds=60, retries=READ_RETRIES, keeps_result=False)
async def choose_instruments(account: OpenAccount) -> Policy:
    """Return the policy with the instruments of the account's universe, chosen anew where that is due."""
    return await enter_universe(
        account.policy,
        account.key,
        config_version=account.spec.config_version,
        feed=account.choosing,
        log=account.ledger,
        at=account.clock.now(),
        lease=account.lease,
    )


@desk_task(timeout_seconds=45, retries=READ_RETRIES)
async def fetch_candles(account: OpenAccount) -> Markets:
    """Fetch the closed candles of every instrument; one that stays silent drops out after the last attempt.

    What the strategies read besides is fetched with them, and decided without where it cannot be read.
    """
    markets = await fetch_markets(account.feed, account.policy, account.key.candle_close, account.side_data)
    if markets.failures and not is_last_attempt():
        raise next(iter(markets.failures.values()))
    for name, unread in markets.unread.items():
        get_run_logger().warning("%s: decided without %s", name, "; ".join(unread))
    return markets.given_up()


# Not kept for a retry: computing a millisecond again is cheaper than writing it down and reading it back.
@desk_task(timeout_seconds=30, keeps_result=False)
async def compute_signals(account: OpenAccount, markets: Markets) -> Decision:
    """Ask every strategy about every instrument whose candles are usable."""
    decided = markets.decided_at(account.clock.now())
    return judge(account.policy, decided.by_instrument, account.key.candle_close, Decision(no_trades=markets.no_trades))
