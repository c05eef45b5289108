"""How strategies do: figures of closed trades with their uncertainty, decay, and comparisons of two records."""
