"""The one matching engine, shared by backtest, paper venue and simulator."""
