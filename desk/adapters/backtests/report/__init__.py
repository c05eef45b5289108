"""The report of a backtest: one file that opens in a browser, with everything in it."""
