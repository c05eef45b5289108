"""The backtest beside what a user would pick instead, every job in a process of its own: `make bench-peers`."""
