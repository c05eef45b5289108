"""Student's t distribution: how likely a mean of few observations is, and how far it may be off.

P(T <= t) is written with the regularised incomplete beta function, which is summed as a continued fraction (NIST
Digital Library of Mathematical Functions, 8.17.22) by the method of Lentz and Thompson.
"""

from math import exp, isfinite, lgamma, log, log1p, pi

_TERMS = 500
_NEAR = 1e-14
_TINY = 1e-300
_STEPS = 200


def probability_below(t: float, degrees: float) -> float:
    """Return P(T <= t), in [0, 1].

    Args:
        t: finite.
        degrees: of freedom, above 0; need not be whole.
    """
    assert isfinite(t), t
    assert degrees > 0, degrees
    tail = _incomplete_beta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
    return tail if t < 0 else 1 - tail


def quantile(probability: float, degrees: float) -> float:
    """Return the t with P(T <= t) = `probability`, which is above 0 and below 1."""
    assert 0 < probability < 1, probability
    if probability < 0.5:
        return -quantile(1 - probability, degrees)
    low, high = 0.0, 1.0
    while probability_below(high, degrees) < probability:
        low, high = high, high * 2
    return _between(low, high, probability, degrees)


def _between(low: float, high: float, probability: float, degrees: float) -> float:
    """By Newton's method, and by halves where that would leave the bounds: a few steps instead of fifty."""
    t = (low + high) / 2
    for _ in range(_STEPS):
        missing = probability - probability_below(t, degrees)
        low, high = (t, high) if missing > 0 else (low, t)
        following = t + missing / _density(t, degrees)
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - t) <= _NEAR * following or following in (low, high):
            return following
        t = following
    return t


def _density(t: float, degrees: float) -> float:
    """How fast P(T <= t) grows at t."""
    half = (degrees + 1) / 2
    scale = lgamma(half) - lgamma(degrees / 2) - log(degrees * pi) / 2
    return max(exp(scale - half * log1p(t * t / degrees)), _TINY)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """I_x(a, b); the fraction converges fast below the mean, and the other side follows by symmetry."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The denominator 1 + d1/(1 + d2/(1 + ...))."""
    value, c, d = 1.0, 1.0, 0.0
    for term in range(1, _TERMS):
        coefficient = _coefficient(term, x, a, b)
        d = 1 / _not_zero(1 + coefficient * d)
        c = _not_zero(1 + coefficient / c)
        value *= c * d
        if abs(c * d - 1) < _NEAR:
            break
    return value


def _coefficient(term: int, x: float, a: float, b: float) -> float:
    m = term // 2
    if term % 2 == 0:
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
