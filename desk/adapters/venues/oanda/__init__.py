"""OANDA v20: currencies, metals and CFDs on margin, one account at a time, over REST."""
