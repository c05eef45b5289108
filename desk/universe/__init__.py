"""What an account may trade where that is not a fixed list: which instruments are chosen, and what makes it act on one.

Pure: `choosing` ranks facts that somebody else has looked up, `triggers` look at closed candles.
"""
