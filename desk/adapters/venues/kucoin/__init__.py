"""KuCoin: spot (the high-frequency accounts) and linear perpetual futures, over REST."""
