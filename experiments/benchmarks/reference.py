"""Time per event of the reference engine on common-job: slow, since it is written for reading."""

import time

from case import MISSION, report
from model import common_job

from pacsim.engines import reference

REPLICATIONS, REPETITIONS = 10, 5


def main() -> None:
    model = common_job(role=True)
    spent = []
    for k in range(REPETITIONS):
        began = time.process_time()
        batch = reference.simulate(
            model, horizon=MISSION, first=k * REPLICATIONS, count=REPLICATIONS
        )
        spent.append((time.process_time() - began) / batch.events.sum() * 1e9)
    report("pacsim reference, role with causes", spent)


if __name__ == "__main__":
    main()
