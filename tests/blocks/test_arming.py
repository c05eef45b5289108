"""What an account on paper has to do with the connections beside it: nothing, neither a call nor a key."""

import pytest

from blocks.account import AccountBlock
from blocks.resources import resources
from tests.blocks.test_resources import edit

REAL = """\
connections:
  real: {kind: coinbase, environment: live, secrets: {key: NO_SUCH_KEY, secret: NO_SUCH_SECRET}}
feeds:
"""


@pytest.mark.parametrize("name", ["trader", "planner"])
async def test_an_account_that_trades_at_no_venue_reaches_none_and_needs_no_key(installation, name):
    edit(installation, "feeds:\n", REAL)
    edit(installation, "venue: oanda, currency: USD", "venue: coinbase, connection: real, currency: USD")
    edit(installation, "venues:\n  oanda:", "venues:\n  coinbase:")
    edit(installation, "instruments: [EUR/USD, USD/JPY]", "instruments: [BTC/USD]")

    account = AccountBlock(name=name).open(run="run")

    assert (await account.trading.account()).currency == "USD"
    assert resources()._reached == {}
    assert await resources().ledger.restrictions_in_force() == ()
