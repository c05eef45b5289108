"""The past traded again: the decisions of a live account over recorded candles, and simulations of given signals."""
