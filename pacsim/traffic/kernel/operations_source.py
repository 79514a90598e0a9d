"""Operations of cases and how both runs differ in them: functions that are compiled as they stand.

What an operation is, is said in `pacsim.traffic.case_operations`.
"""

from __future__ import annotations

import math
from typing import Any

from pacsim.traffic.kernel.tries_source import FETCH_REJECTED, READS, SOME_REJECTED, STORE_REJECTED

SENDS, ASKS = 0, 3
"""What stations do that do not read."""
EXAM, IMAGE, QUERY, QUESTION = 0, 1, 2, 3
"""Operations."""
OVERWRITTEN, FORGOTTEN, BLOCKED, TYPED = 1, 2, 3, 4
"""Outcomes of jobs."""
FAILED, SLOW, TURNED_AWAY = 0, 1, 2
"""What is counted of operations: the last are rejected ones."""
LEAST_WAIT = 1.0
"""Seconds: a shorter wait is not felt (T29)."""


def note_operations(
    jobs: Any, seen: Any, parked: Any, closed: Any, tries: Any, queries: Any, twin_tries: Any,
    does: Any, patience: Any, targets: Any, rows: Any,
) -> int:  # fmt: skip
    """Note the operations of cases in one run, case by case; return their number."""
    count = 0
    for case in range(len(jobs)):
        if seen[case]:
            source = jobs[case].source
            if does[source] == SENDS:
                note_exam(rows, count, case, jobs, parked, tries)
                count += 1
            if does[source] == READS:
                note_image(rows, count, case, jobs, tries, twin_tries)
                count += 1
            if does[source] == ASKS:
                note_question(rows, count, case, jobs, tries, patience[source])
                count += 1
        # The last step comes first.
        count += tries[case].asked
        at, query = count, tries[case].query
        while query >= 0:
            at -= 1
            note_one_query(rows, at, case, queries, query)
            query = queries[query].before
    for row in range(count):
        note_late(rows, row, closed[rows[row].case], targets)
    return count


def begin_row(rows: Any, row: int, case: int, operation: int) -> None:
    """Begin the row of an operation that ended well."""
    rows[row].case = case
    rows[row].operation = operation
    rows[row].step = 0
    rows[row].given_up = math.nan
    rows[row].failed = False


def note_exam(rows: Any, row: int, case: int, jobs: Any, parked: Any, tries: Any) -> None:
    """Note the operation of an exam: given up when it is parked, here or at a router."""
    begin_row(rows, row, case, EXAM)
    rows[row].asked = jobs[case].finished
    rows[row].end = jobs[case].stored
    if parked[case] > 0:
        rows[row].given_up = tries[case].given_up
        rows[row].failed = True
    outcome = jobs[case].outcome
    if outcome in (OVERWRITTEN, FORGOTTEN, BLOCKED):
        rows[row].failed = True
    rows[row].rejected = tries[case].rejected & STORE_REJECTED != 0


def note_image(rows: Any, row: int, case: int, jobs: Any, tries: Any, twin_tries: Any) -> None:
    """Note that of an opening: from when the twin turns to it to its first image."""
    begin_row(rows, row, case, IMAGE)
    # One to which the twin has not turned by its end has waited for that since it was asked for.
    turned, first, aside = twin_tries[case].first, jobs[case].first, tries[case].aside
    rows[row].asked = jobs[case].finished if math.isinf(turned) else turned
    rows[row].end = first
    if aside < math.inf and (math.isnan(first) or aside < first):
        rows[row].given_up = aside
        rows[row].failed = True
    rows[row].rejected = tries[case].rejected & FETCH_REJECTED != 0


def note_question(
    rows: Any, row: int, case: int, jobs: Any, tries: Any, patience: float
) -> None:  # fmt: skip
    """Note that of a worklist question: given up when the data are typed."""
    begin_row(rows, row, case, QUESTION)
    rows[row].asked = jobs[case].finished
    rows[row].end = jobs[case].stored
    if jobs[case].outcome == TYPED:
        # Not before the end of its last try.
        rows[row].given_up = max(jobs[case].finished + patience, tries[case].ended)
        rows[row].failed = True
    rows[row].rejected = tries[case].rejected & SOME_REJECTED != 0


def note_one_query(rows: Any, row: int, case: int, queries: Any, query: int) -> None:
    """Note that of a query that was begun: from its first try."""
    begin_row(rows, row, case, QUERY)
    rows[row].step = queries[query].step
    rows[row].asked = queries[query].asked
    rows[row].end = queries[query].ended if queries[query].ended < math.inf else math.nan
    if queries[query].given_up < math.inf:
        rows[row].given_up = queries[query].given_up
        rows[row].failed = True
    rows[row].rejected = queries[query].rejected != 0


def note_late(rows: Any, row: int, closed: float, targets: Any) -> None:
    """Note whether an operation was not done within its target; what is open took until closed."""
    end = closed if math.isnan(rows[row].end) else rows[row].end
    rows[row].late = end - rows[row].asked > targets[rows[row].operation]


def compare_operations(rows: Any, twins: Any, window: Any, counts: Any, waits: Any) -> int:
    """Count operations of windows less those of their twins; return how many waits were noted."""
    for row in range(len(rows)):
        count_operation(rows, row, window, counts, 1)
    for row in range(len(twins)):
        count_operation(twins, row, window, counts, -1)
    number = twin = 0
    for row in range(len(rows)):
        while twin < len(twins) and comes_before(twins, twin, rows, row):
            twin += 1
        if twin == len(twins) or comes_before(rows, row, twins, twin):
            continue
        gone = not math.isnan(rows[row].given_up)
        wait = (rows[row].given_up if gone else rows[row].end) - twins[twin].end
        if wait > LEAST_WAIT:
            waits[number].operation = rows[row].operation
            waits[number].window = window[rows[row].case]
            waits[number].wait = wait
            waits[number].given_up = gone
            number += 1
    return number


def count_operation(rows: Any, row: int, window: Any, counts: Any, sign: int) -> None:
    """Count what became of an operation."""
    where, operation = window[rows[row].case], rows[row].operation
    if rows[row].failed:
        counts[where, operation, FAILED] += sign
    elif rows[row].late:
        counts[where, operation, SLOW] += sign
    if rows[row].rejected:
        counts[where, operation, TURNED_AWAY] += sign


def comes_before(one: Any, a: int, other: Any, b: int) -> bool:
    """Return whether a row stands before one of the other run, by case, operation and step."""
    if one[a].case != other[b].case:
        return bool(one[a].case < other[b].case)
    if one[a].operation != other[b].operation:
        return bool(one[a].operation < other[b].operation)
    return bool(one[a].step < other[b].step)
