"""The case common-job as a lean SimPy program: what one would write for this case alone."""

import random
import time

import simpy
from case import CHAINS, DOWN, EVENTS, LENGTH, LIFE, MISSION, REPAIR, report

REPLICATIONS, REPETITIONS = 300, 7


def part(env: simpy.Environment, down: list[int], chain: int, total: list[float]) -> object:
    draw = random.expovariate
    while True:
        yield env.timeout(draw(1 / LIFE))
        down[chain] += 1
        if down[chain] == 1 and all(down):
            total[0] -= env.now
        yield env.timeout(draw(1 / REPAIR))
        down[chain] -= 1
        if down[chain] == 0 and sum(d == 0 for d in down) == 1:
            total[0] += env.now


def mission() -> float:
    env, down, total = simpy.Environment(), [0] * CHAINS, [0.0]
    for chain in range(CHAINS):
        for _ in range(LENGTH):
            env.process(part(env, down, chain, total))
    env.run(until=MISSION)
    return total[0] + (MISSION if all(down) else 0.0)


def main() -> None:
    random.seed(1)
    spent, hours = [], []
    for _ in range(REPETITIONS):
        began = time.process_time()
        hours += [mission() for _ in range(REPLICATIONS)]
        spent.append((time.process_time() - began) / (REPLICATIONS * EVENTS) * 1e9)
    mean = sum(hours) / len(hours)
    report("SimPy, lean", spent, mean_down_hours=round(mean, 2), exact=round(DOWN, 2))


if __name__ == "__main__":
    main()
