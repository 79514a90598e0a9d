"""Errors that pacsim raises on purpose: each names path, value, rule and remedy."""


class PacsimError(Exception):
    """Base of every error that pacsim raises on purpose; all else is a fault of pacsim.

    Parameters
    ----------
    *args
        The message: path, value, rule and remedy.

    Examples
    --------
    >>> import pacsim
    >>> try:
    ...     pacsim.load("nowhere.yaml")
    ... except PacsimError as error:
    ...     print(type(error).__name__)
    DesignError
    """


class ArgumentError(PacsimError, ValueError):
    """An argument of a value that makes no sense; also a ValueError.

    Examples
    --------
    >>> issubclass(ArgumentError, ValueError)
    True
    """


class ArgumentTypeError(PacsimError, TypeError):
    """An argument of a kind that makes no sense; also a TypeError.

    Examples
    --------
    >>> issubclass(ArgumentTypeError, TypeError)
    True
    """


class ModelError(PacsimError):
    r"""A model that cannot be built: every mistake, each by the name of what it concerns.

    Parameters
    ----------
    problems : list of str
        One line each.

    Examples
    --------
    >>> str(ModelError(["a.fail: speed -1 must be a finite number >= 0"]))
    'the model cannot be built, 1 problem:\n  a.fail: speed -1 must be a finite number >= 0'
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        plural = "" if len(problems) == 1 else "s"
        head = f"the model cannot be built, {len(problems)} problem{plural}:"
        super().__init__("\n  ".join([head, *problems]))


class SimulationError(PacsimError):
    """A run that had to stop: names the transitions, the replication and the time."""


class UnsupportedError(PacsimError):
    r"""A model that an engine cannot treat: every reason, by the name of what it concerns.

    Parameters
    ----------
    engine : str
        Name of the engine.
    reasons : tuple of str
        One line each.

    Examples
    --------
    >>> str(UnsupportedError("exact", ("quantity charge: not finite-state",)))
    'the exact engine cannot treat this model:\n  quantity charge: not finite-state'
    """

    def __init__(self, engine: str, reasons: tuple[str, ...]) -> None:
        self.engine = engine
        self.reasons = reasons
        super().__init__("\n  ".join([f"the {engine} engine cannot treat this model:", *reasons]))
