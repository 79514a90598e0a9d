"""Delay laws as plain scalar functions, written once and used twice: interpreted and compiled.

Every function here uses only floats, `math` and loops, so that CPython and numba give the same bits
(`log`, `exp`, `pow`, `sqrt` and `erfc` agree; `lgamma` does not and is not used). All laws are in
survival form: ``x = S^-1(u)``, decreasing in ``u``, one uniform per variate (R14).
"""

import math
from typing import Any

INTERPRETED = -1
"""The code of a law that has no branch here: only engines that interpret draw from it."""
EXPONENTIAL = 0
WEIBULL = 1
LOGNORMAL = 2
DETERMINISTIC = 3
UNIFORM = 4
TRIANGULAR = 5
QUANTILES = 6
MIXTURE = 7
SQRT2 = math.sqrt(2.0)
HUGE = 1e300
LARGEST_EXPONENT = 709.782712893384
"""Largest x whose exponential is a float."""


def exponential(x: float) -> float:
    """Return e to the power x, infinity where CPython would raise an error."""
    return math.exp(x) if x <= LARGEST_EXPONENT else math.inf


def power(x: float, y: float) -> float:
    """Return x to the power y for x >= 0, infinity where CPython would raise an error.

    Examples
    --------
    >>> power(4.0, 0.5), power(10.0, 400.0), power(0.0, -1.0), power(0.0, 2.0)
    (2.0, inf, inf, 0.0)
    """
    if x <= 0.0:
        return 0.0 if y > 0.0 else 1.0 if y == 0.0 else math.inf
    size = y * math.log(x)
    if size < 709.0:
        return math.pow(x, y)
    if size > 710.0:
        return math.inf
    half = math.pow(x, 0.5 * y)
    return half * half


def root_of_product(a: float, b: float) -> float:
    """Return the square root of a x b, also where the product is too large for a float."""
    product = a * b
    return math.sqrt(product) if product < math.inf else math.sqrt(a) * math.sqrt(b)


def normal_isf(u: float) -> float:
    """Return z with P(Z > z) = u for a standard normal Z: Wichura's AS 241 (PPND16), 1988.

    Examples
    --------
    >>> round(normal_isf(0.025), 6)
    1.959964
    """
    q = 0.5 - u
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (
            (
                (
                    (
                        (
                            (2509.0809287301226727 * r + 33430.575583588128105) * r
                            + 67265.770927008700853
                        )
                        * r
                        + 45921.953931549871457
                    )
                    * r
                    + 13731.693765509461125
                )
                * r
                + 1971.5909503065514427
            )
            * r
            + 133.14166789178437745
        ) * r + 3.387132872796366608
        bottom = (
            (
                (
                    (
                        (
                            (5226.495278852545925 * r + 28729.085735721942674) * r
                            + 39307.89580009271061
                        )
                        * r
                        + 21213.794301586595867
                    )
                    * r
                    + 5394.1960214247511077
                )
                * r
                + 687.1870074920579083
            )
            * r
            + 42.313330701600911252
        ) * r + 1.0
        return q * top / bottom
    r = math.sqrt(-math.log(u if q > 0.0 else 1.0 - u))
    if r <= 5.0:
        r = r - 1.6
        top = (
            (
                (
                    (
                        (
                            (7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r
                            + 0.24178072517745061177
                        )
                        * r
                        + 1.27045825245236838258
                    )
                    * r
                    + 3.64784832476320460504
                )
                * r
                + 5.7694972214606914055
            )
            * r
            + 4.6303378461565452959
        ) * r + 1.42343711074968357734
        bottom = (
            (
                (
                    (
                        (
                            (1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
                            + 0.0151986665636164571966
                        )
                        * r
                        + 0.14810397642748007459
                    )
                    * r
                    + 0.68976733498510000455
                )
                * r
                + 1.6763848301838038494
            )
            * r
            + 2.05319162663775882187
        ) * r + 1.0
    else:
        r = r - 5.0
        top = (
            (
                (
                    (
                        (
                            (2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
                            + 0.0012426609473880784386
                        )
                        * r
                        + 0.026532189526576123093
                    )
                    * r
                    + 0.29656057182850489123
                )
                * r
                + 1.7848265399172913358
            )
            * r
            + 5.4637849111641143699
        ) * r + 6.6579046435011037772
        bottom = (
            (
                (
                    (
                        (
                            (2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
                            + 1.8463183175100546818e-5
                        )
                        * r
                        + 7.868691311456132591e-4
                    )
                    * r
                    + 0.0148753612908506148525
                )
                * r
                + 0.13692988092273580531
            )
            * r
            + 0.59983220655588793769
        ) * r + 1.0
    z = top / bottom
    return z if q > 0.0 else -z


def exponential_isf(u: float, mean: float) -> float:
    """Return S^-1(u) of an exponential law."""
    return -math.log(u) * mean


def weibull_isf(u: float, scale: float, inverse_shape: float) -> float:
    """Return S^-1(u) of a Weibull law."""
    if inverse_shape <= 100.0:
        # -log(u) is at most 745, so that this is a float and needs no further look.
        return float(scale * math.pow(-math.log(u), inverse_shape))
    return float(scale * power(-math.log(u), inverse_shape))


def weibull_residual(u: float, age: float, scale: float, shape: float, inverse: float) -> float:
    """Return y with S(age + y) = u S(age) of a Weibull law, without cancellation for small y."""
    if age <= 0.0:
        return weibull_isf(u, scale, inverse)
    spent = power(age / scale, shape)
    if spent == 0.0:
        return weibull_isf(u, scale, inverse)
    growth = math.log1p(-math.log(u) / spent) * inverse
    return age * math.expm1(growth) if growth <= LARGEST_EXPONENT else math.inf


def lognormal_isf(u: float, median: float, sigma: float) -> float:
    """Return S^-1(u) of a lognormal law."""
    return median * exponential(sigma * normal_isf(u))


def uniform_isf(u: float, low: float, high: float) -> float:
    """Return S^-1(u) of a uniform law."""
    return high - (high - low) * u


def triangular_isf(u: float, low: float, mode: float, high: float) -> float:
    """Return S^-1(u) of a triangular law."""
    width = high - low
    if u * width <= high - mode:
        return high - root_of_product(u * width, high - mode)
    return low + root_of_product((1.0 - u) * width, mode - low)


def quantiles_isf(u: float, tab: Any, first: int, count: int) -> float:
    """Return S^-1(u) of a law linear between ``count`` points (p, x) from ``tab[first]`` on."""
    p = 1.0 - u
    low = 0
    high = count - 1
    while high - low > 1:
        middle = (low + high) // 2
        if tab[first + 2 * middle] <= p:
            low = middle
        else:
            high = middle
    p0 = tab[first + 2 * low]
    x0 = tab[first + 2 * low + 1]
    p1 = tab[first + 2 * high]
    x1 = tab[first + 2 * high + 1]
    return float(x0 + (x1 - x0) * ((p - p0) / (p1 - p0)))


def plain_isf(
    code: int, a: float, b: float, c: float, tab: Any, first: int, count: int, u: float
) -> float:
    """Return S^-1(u) of any law that is no mixture, by its code and parameters."""
    if code == EXPONENTIAL:
        return exponential_isf(u, a)
    if code == WEIBULL:
        return weibull_isf(u, a, c)
    if code == LOGNORMAL:
        return lognormal_isf(u, a, b)
    if code == UNIFORM:
        return uniform_isf(u, a, b)
    if code == TRIANGULAR:
        return triangular_isf(u, a, b, c)
    if code == QUANTILES:
        return quantiles_isf(u, tab, first, count)
    return a


def plain_sf(
    code: int, a: float, b: float, c: float, tab: Any, first: int, count: int, x: float
) -> float:
    """Return S(x) of any law that is no mixture, by its code and parameters."""
    if code == DETERMINISTIC:
        return 1.0 if x < a else 0.0
    if code == EXPONENTIAL:
        # What never ends has not ended after an infinite time either.
        return 1.0 if x <= 0.0 or a == math.inf else math.exp(-x / a)
    if code == WEIBULL:
        return 1.0 if x <= 0.0 else math.exp(-power(x / a, b))
    if code == LOGNORMAL:
        if x / a <= 0.0:
            return 1.0
        return 0.5 * math.erfc(math.log(x / a) / b / SQRT2)
    if code == UNIFORM:
        if x <= a:
            return 1.0
        return 0.0 if x >= b else (b - x) / (b - a)
    if code == TRIANGULAR:
        if x <= a:
            return 1.0
        if x >= c:
            return 0.0
        if x <= b:
            return 1.0 - (x - a) / (c - a) * ((x - a) / (b - a)) if b > a else 1.0
        return (c - x) / (c - a) * ((c - x) / (c - b))
    last = first + 2 * (count - 1)
    if x < tab[first + 1]:
        return 1.0
    if x >= tab[last + 1]:
        return 0.0
    k = 0
    while tab[first + 2 * (k + 1) + 1] <= x:
        k += 1
    p0 = tab[first + 2 * k]
    x0 = tab[first + 2 * k + 1]
    p1 = tab[first + 2 * k + 2]
    x1 = tab[first + 2 * k + 3]
    return float((1.0 - p0) - (p1 - p0) * ((x - x0) / (x1 - x0)))


def one_isf(law: Any, tab: Any, u: float) -> float:
    """Return S^-1(u) of a packed law that is no mixture, without its shift."""
    # Numbers of numpy would warn where floats give infinity.
    a, b, c = float(law["a"]), float(law["b"]), float(law["c"])
    return float(plain_isf(law["code"], a, b, c, tab, law["first"], law["count"], u))


def one_sf(law: Any, tab: Any, x: float) -> float:
    """Return S(x) of a packed law that is no mixture, without its shift."""
    a, b, c = float(law["a"]), float(law["b"]), float(law["c"])
    return float(plain_sf(law["code"], a, b, c, tab, law["first"], law["count"], x))


def row_sf(laws: Any, tab: Any, i: int, x: float) -> float:
    """Return S(x) of the packed law in row ``i``."""
    law = laws[i]
    x = x - float(law["shift"])
    if law["code"] != MIXTURE:
        return one_sf(law, tab, x)
    total = 0.0
    for k in range(law["count"]):
        part = laws[law["first"] + k]
        total += float(part["weight"]) * one_sf(part, tab, x - float(part["shift"]))
    return total


def mixture_isf(laws: Any, tab: Any, i: int, u: float) -> float:
    """Return S^-1(u) of the mixture in row ``i``, without its shift.

    The answer lies between the smallest and the largest S^-1(u) of the components; the bracket is
    halved until its ends are neighbouring floats, which takes the same steps on every platform.
    """
    law = laws[i]
    shift = float(law["shift"])
    low = math.inf
    high = 0.0
    for k in range(law["count"]):
        part = laws[law["first"] + k]
        x = float(part["shift"]) + one_isf(part, tab, u)
        low = min(low, x)
        high = max(high, x)
    if row_sf(laws, tab, i, low + shift) <= u:
        return float(low)
    if high == math.inf:
        high = max(2.0 * low, 1.0)
        while row_sf(laws, tab, i, high + shift) > u:
            if high > HUGE:
                return math.inf
            high = 2.0 * high
    while True:
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            return float(high)
        if row_sf(laws, tab, i, middle + shift) <= u:
            high = middle
        else:
            low = middle


def draw(laws: Any, tab: Any, i: int, u: float) -> float:
    """Return S^-1(u) of the packed law in row ``i``."""
    law = laws[i]
    if law["code"] == MIXTURE:
        return float(law["shift"]) + mixture_isf(laws, tab, i, u)
    return float(law["shift"]) + one_isf(law, tab, u)


def draw_residual(laws: Any, tab: Any, i: int, u: float, age: float) -> float:
    """Return y with S(age + y) = u S(age) for the packed law in row ``i``; 0 past the end (R18)."""
    law = laws[i]
    if age <= 0.0:
        return draw(laws, tab, i, u)
    shift, a = float(law["shift"]), float(law["a"])
    if law["code"] == EXPONENTIAL and age >= shift:
        return exponential_isf(u, a)
    if law["code"] == WEIBULL and age >= shift:
        return weibull_residual(u, age - shift, a, float(law["b"]), float(law["c"]))
    if law["code"] == DETERMINISTIC:
        return max(0.0, shift + a - age)
    rest = u * row_sf(laws, tab, i, age)
    if rest <= 0.0:
        return 0.0
    return float(max(0.0, draw(laws, tab, i, rest) - age))
