"""The scalar delay functions compiled by numba, equal to the interpreted ones to the bit.

Importing this module loads numba. Helpers are compiled first and put where callers look them up.
"""

from types import FunctionType, ModuleType
from typing import Any

import numba

from pacsim.delays import intervals, scalar


def _twins(module: ModuleType, options: dict[str, Any]) -> dict[str, Any]:
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    ]
    namespace: dict[str, Any] = dict(vars(module))
    for name in names:
        plain = getattr(module, name)
        copy = FunctionType(plain.__code__, namespace, name, plain.__defaults__, plain.__closure__)
        namespace[name] = numba.njit(**options)(copy)
    return {name: namespace[name] for name in names}


def twins(**options: Any) -> dict[str, Any]:
    """Return every scalar delay and interval function, jitted with the given numba options.

    Parameters
    ----------
    **options
        For `numba.njit`; ``error_model="numpy"`` is always set, fast-math never.

    Returns
    -------
    dict
        Function name to dispatcher.

    Examples
    --------
    >>> twins()["exponential_isf"](0.5, 2.0) == scalar.exponential_isf(0.5, 2.0)
    True
    """
    settings = {"error_model": "numpy", **options}
    return {**_twins(scalar, settings), **_twins(intervals, settings)}
