"""Renewal equations, solved here and by no engine: figures for models that are not Markov."""

from __future__ import annotations

from math import ceil, lgamma, log

import numpy as np

NODES = 6


def mirror_loss(life: float, rebuild: float, hours: float) -> float:
    """Return the probability that a mirror with a fixed rebuild time loses both disks.

    Both disks are there at t with probability: sum over k of
    a^k (t - k d)^k e^(-2 l (t - k d)) / k!, where l is the failure rate, d the rebuild and
    a = 2 l e^(-l d): k failures whose rebuild ended
    well, each followed by a time of exactly d. From there a disk fails at 2 l, and data is lost if
    the other fails within d, or before the mission ends.
    """
    rate = 1.0 / life
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    edges = np.append(np.arange(0.0, hours, rebuild), hours)
    half = np.diff(edges)[:, None] / 2
    t = (edges[:-1, None] + half * (1 + nodes)).ravel()
    w = (half * weights).ravel()
    mean = 2 * rate * hours
    there = np.exp(-2 * rate * t)
    for k in range(1, ceil(mean + 12 * mean**0.5 + 25)):
        left = t - k * rebuild
        later = left > 0
        terms = k * (log(2 * rate) - rate * rebuild + np.log(left[later])) - lgamma(k + 1)
        there[later] += np.exp(terms - 2 * rate * left[later])
    second = -np.expm1(-rate * np.minimum(rebuild, hours - t))
    return float(np.sum(w * 2 * rate * there * second))


def failures(scale: float, shape: float, rebuild: float, hours: float, step: float) -> np.ndarray:
    """Return the expected number of failures of one disk up to 0, step, 2 step, ...

    The renewal equation M(t) = F(t) + integral of F(t - rebuild - s) dM(s), with F in the middle of
    each step; ``rebuild`` is a multiple of ``step``.
    """
    n = round(hours / step)
    lag = round(rebuild / step)
    middle = -np.expm1(-((np.maximum(0.0, np.arange(n) + 0.5) * step / scale) ** shape))
    expected = -np.expm1(-((np.arange(n + 1) * step / scale) ** shape))
    grown = np.zeros(n)
    for i in range(1, n + 1):
        # A failure in step j (its middle) has its successor by i, if that lives i - j - lag - 1/2.
        reach = i - lag
        if reach > 0:
            expected[i] += np.dot(grown[:reach], middle[reach - 1 :: -1])
        grown[i - 1] = expected[i] - expected[i - 1]
    return expected


def entries_to_loss(
    scale: float, shape: float, rebuild: float, disks: int, hours: float, steps: int = 2
) -> float:
    """Return how often a third disk is expected to fail while two others are rebuilt.

    ``disks`` times the integral of m(t) C(disks - 1, 2) U^2 (1 - U)^(disks - 3), with the renewal
    density m and U(t) = M(t) - M(t - rebuild), extrapolated from steps of h and h / 2.
    """

    def by(step: float) -> float:
        expected = failures(scale, shape, rebuild, hours, step)
        lag = round(rebuild / step)
        before = np.concatenate([np.zeros(lag), expected[:-lag]])
        u = expected - before
        u = (u[1:] + u[:-1]) / 2
        pairs = (disks - 1) * (disks - 2) / 2
        return float(disks * pairs * np.sum(np.diff(expected) * u**2 * (1 - u) ** (disks - 3)))

    coarse, fine = by(rebuild / steps), by(rebuild / (2 * steps))
    return (4 * fine - coarse) / 3
