"""Which of four regimes a market is in, candle by candle: range, trend, high volatility, crash."""
