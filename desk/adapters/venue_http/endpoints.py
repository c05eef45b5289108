"""What an endpoint is called where calls are counted: its path without ids, names and secrets."""

_LISTED = """
    account account-overview accounts accountWithJoinMargin active allOrders allTickers api-key balance batch
    batch_cancel best_bid_ask bookTicker bullet-private bullet-public byClientOid cancel candles changes
    client-order close contracts convert countdownCancelAll current depth depth20 done edit exchangeInfo fills
    funding-rate fundingInfo hf historical idrange instruments key_permissions kline klines latest ledgers
    level2 level2_20 leverage listenKey marginType market openOrders openTrades order orderbook orders positionRisk
    positions premiumIndex preview pricing product_book products query quote sinceid st-orders status stopOrders
    stream summary symbols test ticker time timestamp trade trades transaction_summary transactions transferable
    universal-transfer user userTrades
"""
_WORDS = frozenset(_LISTED.split())
"""The words of the venues' paths. What is not among them may be anything, and is left out."""


def endpoint_of(method: str, path: str) -> str:
    """Return the name of an endpoint, such as `GET accounts/orders`."""
    words = [word for word in path.split("/") if word in _WORDS]
    return f"{method} {'/'.join(words) or 'other'}"
