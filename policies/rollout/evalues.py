"""E-values for a canary: evidence that may be looked at as often as one likes.

An e-process is a product of likelihood ratios whose expectation under the null never exceeds 1, so
by Ville's inequality it ever reaches 1/alpha with probability at most alpha (Ramdas et al. 2023,
"Game-theoretic statistics and safe anytime-valid inference").  Everything here works with natural
logarithms.  Assumed: requests are independent and reach the canary with a known share; sticky users
and retries break that, and `policies.rollout.looks` refuses counts whose split contradicts the share.
"""

import math

RISKS: tuple[float, ...] = tuple(2.0 * 25.0 ** (step / 3) for step in range(4))
"""Relative risks of the mixture, log-spaced from 2 to 50."""

_TINY = 1e-9


def odds_times(rate: float, risk: float) -> float:
    """Return the rate whose odds are `risk` times those of `rate`: ``r x / (r x + 1 - x)``."""
    return risk * rate / (risk * rate + 1.0 - rate)


def split_step(risk: float, share: float, on_canary: int, on_stable: int) -> float:
    """Log factor of the errors of one look against "given an error, it fell on the canary by chance `share`".

    Lindon and Malek 2022, "Anytime-valid inference for multinomial count data", with the
    alternative at one relative risk: ``(q/w)^S ((1-q)/(1-w))^F``.
    """
    q = odds_times(share, risk)
    return on_canary * math.log(q / share) + on_stable * math.log((1.0 - q) / (1.0 - share))


def rate_step(alternative: float, null: float, bad: int, good: int) -> float:
    """Log factor of Bernoulli outcomes for a rate `alternative` against a known rate `null`.

    An e-value for every null rate on the far side of `null` as seen from `alternative`.
    """
    return bad * math.log(alternative / null) + good * math.log((1.0 - alternative) / (1.0 - null))


def mixture(logs: tuple[float, ...]) -> float:
    """Log of the mean of the products; a mean of e-values is an e-value."""
    # The largest is taken out, so that no exponential overflows.
    top = max(logs)
    return top + math.log(sum(math.exp(log - top) for log in logs) / len(logs))


def average(logs: tuple[float, ...], shares: tuple[float, ...]) -> float:
    """Log of a weighted mean of the products.  With positive shares that add up to 1 it is an e-value again.

    Never later than asking each product for 1/alpha divided by its share (Bonferroni), and earlier when
    several of them see something (Vovk and Wang 2021, "E-values: calibration, combination and applications").
    """
    weighted = [log + math.log(share) for log, share in zip(logs, shares, strict=True)]
    top = max(weighted)
    return top + math.log(sum(math.exp(log - top) for log in weighted))


def boundary(rate: float, delta: float, share: float) -> float:
    """Return the rate p* for which (p*, p* + delta) is nearest to `rate` on both arms.

    Minimises ``w KL(rate | p*+delta) + (1-w) KL(rate | p*)``, which is convex, by bisection on its
    derivative: the reverse information projection of Turner, Ly and Grünwald 2024 ("Generic
    e-variables for exact sequential k-sample tests").
    """
    low, high = _TINY, min(rate, 1.0 - delta - _TINY)
    for _ in range(80):
        middle = (low + high) / 2.0
        canary, stable = middle + delta, middle
        slope = share * (canary - rate) / (canary * (1.0 - canary))
        slope += (1.0 - share) * (stable - rate) / (stable * (1.0 - stable))
        if slope > 0.0:
            high = middle
        else:
            low = middle
    return (low + high) / 2.0


def margin_step(
    rate: float, delta: float, share: float, canary_bad: int, canary_good: int, stable_bad: int, stable_good: int
) -> float:
    """Log factor of one look against "the canary's rate is at least stable's plus delta".

    `rate` is the pooled rate from before this look.  Each request is divided by the largest
    expectation over the corners of the null when rounding lifts that above 1.
    """
    # At 0 or 1 a single request of the other kind would make the product zero for ever.
    rate = min(max(rate, 1e-6), 1.0 - delta - 1e-6)
    stable = boundary(rate, delta, share)
    canary = stable + delta
    total = canary_bad + canary_good + stable_bad + stable_good
    log = rate_step(rate, canary, canary_bad, canary_good) + rate_step(rate, stable, stable_bad, stable_good)
    return log - total * math.log(max(1.0, _expectation(rate, delta, share, stable)))


def _expectation(rate: float, delta: float, share: float, stable: float) -> float:
    """Return the largest expected factor per request over the null's corners; it is linear in the true rates."""
    corners = ((0.0, delta), (0.0, 1.0), (1.0 - delta, 1.0))
    return max(
        share * _mean(rate, stable + delta, true_canary) + (1.0 - share) * _mean(rate, stable, true_stable)
        for true_stable, true_canary in corners
    )


def _mean(rate: float, null: float, true: float) -> float:
    return true * rate / null + (1.0 - true) * (1.0 - rate) / (1.0 - null)
