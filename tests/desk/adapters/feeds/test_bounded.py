"""The bounded cache against a plain dictionary, and its bound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.adapters.feeds.bounded import BoundedCache


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9))), st.integers(0, 20))
def test_the_weight_is_that_of_what_is_held_and_never_over_the_limit(puts, limit):
    cache = BoundedCache(limit, lambda value: value)
    latest = {}
    for key, value in puts:
        cache.put(key, value)
        latest[key] = value
        held = {key: cache.get(key) for key in latest if cache.get(key) is not None}
        assert cache.weight == sum(held.values()) <= limit
        assert len(cache) == len(held)
        assert all(latest[key] == value for key, value in held.items())


def test_what_was_not_used_for_longest_is_forgotten_first():
    cache = BoundedCache(2, lambda _: 1)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
