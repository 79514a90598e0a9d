"""What ends an attempt before its time."""


class Ended(Exception):  # noqa: N818
    """An attempt is over; caught where it is run.

    Parameters
    ----------
    how : int
        One of `pacsim.traffic.logs.HOWS`.
    cut_off : bool
        By a process that went while it answered.
    nothing : bool
        The first item was refused: nothing is acknowledged.
    """

    def __init__(self, how: int, *, cut_off: bool = False, nothing: bool = False) -> None:
        super().__init__(how)
        self.how = how
        self.cut_off = cut_off
        self.nothing = nothing
