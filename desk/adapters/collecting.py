"""How often Python looks for garbage."""

import gc

_NEW_OBJECTS, _YOUNG, _MIDDLE = 50_000, 50, 100


def collect_seldom() -> None:
    """Look for garbage seldom from now on, and never in what is there already: for processes that compute and end.

    A backtest makes hundreds of thousands of objects that it keeps, none of which refers to itself; looking through
    them over and over takes a sixth of its time.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG, _MIDDLE)
