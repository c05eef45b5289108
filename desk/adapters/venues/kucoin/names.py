"""Our names of instruments and KuCoin's: `BTC/USDT` is BTC-USDT, and `BTC/USDT:USDT` is XBTUSDTM."""

_OURS = {"XBT": "BTC"}
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}


def currency_of(code: str) -> str:
    """Return our name of a currency, given the venue's."""
    return _OURS.get(code, code)


def code_of(currency: str) -> str:
    """Return the name that the futures market has for a currency."""
    return _THEIRS.get(currency, currency)


def spot_name(symbol: str) -> str:
    """Return our name of a spot symbol."""
    return symbol.replace("-", "/")


def spot_symbol(name: str) -> str:
    """Return the venue's symbol of a spot instrument."""
    return name.replace("/", "-")


def perpetual_name(base: str, quote: str, settlement: str) -> str:
    """Return our name of a perpetual, given the venue's currencies."""
    return f"{currency_of(base)}/{currency_of(quote)}:{currency_of(settlement)}"
