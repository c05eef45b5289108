"""What KuCoin's two hosts have in common: keys, envelope, call budgets, wallets, candles, streams."""
