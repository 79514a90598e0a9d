"""Time per event of the compiled engine on common-job, one thread, plain and full kernel."""

import time

from case import DOWN, MISSION, report
from model import common_job

from pacsim.engines.kernel import Runner

REPLICATIONS, REPETITIONS = 4000, 21


def main() -> None:
    for plain, kernel in ((True, "plain"), (False, "full")):
        for role, watched in ((False, "down time only"), (True, "role with causes")):
            runner = Runner(common_job(role=role), MISSION)
            runner.plain = plain
            began = time.perf_counter()
            runner.batch(1, 0, 1)
            first = time.perf_counter() - began
            spent, hours = [], 0.0
            for k in range(REPETITIONS):
                began = time.process_time()
                batch = runner.batch(1, k * REPLICATIONS, REPLICATIONS)
                spent.append((time.process_time() - began) / batch.events.sum() * 1e9)
                hours += float(batch.values[:, 0].mean()) / REPETITIONS
            report(
                f"pacsim compiled, {kernel} kernel, {watched}",
                spent,
                first_call_seconds=round(first, 2),
                mean_down_hours=round(hours, 2),
                exact=round(DOWN, 2),
            )


if __name__ == "__main__":
    main()
