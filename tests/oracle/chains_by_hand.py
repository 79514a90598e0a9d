"""Generator matrices written down by hand, for cases that no closed form is short enough for."""

import numpy as np
from scipy.linalg import expm


def lost_of_ten(life: float, rebuild: float, total: tuple[float, float], horizon: float) -> float:
    """Return P(three of ten disks failed by the horizon), none failed at the start.

    ``total`` is the total rate of rebuilding with one and two failed, times that of one rebuild.
    """
    fail, mend = 1.0 / life, 1.0 / rebuild
    q = np.zeros((4, 4))
    q[0, 1], q[1, 2], q[2, 3] = 10 * fail, 9 * fail, 8 * fail
    q[1, 0], q[2, 1] = total[0] * mend, total[1] * mend
    q -= np.diag(q.sum(axis=1))
    return float(expm(q * horizon)[0, 3])
