"""Our names of Aster's perpetuals and the venue's: `BTC/USDT:USDT` is BTCUSDT."""


def name_of(base: str, quote: str, margin: str) -> str:
    """Return our name of a perpetual."""
    return f"{base}/{quote}:{margin}"


def symbol_of(name: str) -> str | None:
    """Return the venue's name of a perpetual, or None where the name is of something else."""
    pair, separator, margin = name.partition(":")
    base, slash, quote = pair.partition("/")
    return base + quote if separator and slash and base and quote and margin else None
