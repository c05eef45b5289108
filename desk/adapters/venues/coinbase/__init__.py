"""Coinbase Advanced Trade: spot markets, with brackets at the venue and conversion between dollar and stablecoin."""
