"""What a backtest needs of the outside: an account as it is configured, and its candles."""
