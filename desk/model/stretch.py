"""A part of a list that only grows, as it was when it was looked at."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar, overload

T = TypeVar("T")


class Stretch(Sequence[T]):
    """The items of a list from one place to before another, copied only where somebody asks for several of them.

    Args:
        items: may grow at its end, and change in no other way.
        start, stop: places in it; from 0 to its length as it is now.
    """

    __slots__ = ("_items", "_start", "_stop")

    def __init__(self, items: Sequence[T], start: int, stop: int) -> None:
        self._items = items
        self._start = start
        self._stop = max(start, stop)

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[T, ...]: ...

    def __getitem__(self, place: int | slice) -> T | tuple[T, ...]:
        rows = range(self._start, self._stop)[place]
        if isinstance(rows, int):
            return self._items[rows]
        if rows.step == 1:
            return tuple(self._items[rows.start : rows.stop])
        return tuple(self._items[row] for row in rows)

    def __iter__(self) -> Iterator[T]:
        return islice(self._items, self._start, self._stop)

    def __len__(self) -> int:
        return self._stop - self._start
