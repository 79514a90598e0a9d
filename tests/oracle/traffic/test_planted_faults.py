"""Faults planted in the readable simulator of the traffic: each must make a test fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.traffic import arithmetic, windows
from pacsim.traffic.client_tables import WAITS
from pacsim.traffic.reference.asking import Asking, Desk
from pacsim.traffic.reference.attempt import Attempt
from pacsim.traffic.reference.balancing import Balancer
from pacsim.traffic.reference.dialling import Dialling
from pacsim.traffic.reference.flows import Flow, Sharing
from pacsim.traffic.reference.jobs import Buffer
from pacsim.traffic.reference.meetings import Meetings
from pacsim.traffic.reference.running import ReferenceRun
from pacsim.traffic.reference.sending import Sender
from pacsim.traffic.reference.standing import Standing
from pacsim.traffic.reference.world import World
from pacsim.traffic.windows import TrafficWindows, TwinRuns
from tests.oracle.traffic import test_changes_in_flight as cells
from tests.oracle.traffic import test_clients as clients
from tests.oracle.traffic import test_runs_compared as runs
from tests.oracle.traffic import test_second_by_second as seconds
from tests.oracle.traffic import test_sharing as sharing
from tests.oracle.traffic import test_window_bounds as bounds
from tests.semantics.planting import Fault, on_reference

if TYPE_CHECKING:
    from collections.abc import Callable


def fault(
    name: str,
    owner: Any,
    function: str,
    right: str,
    wrong: str,
    row: Callable[..., None],
    *given: object,
) -> Fault:
    """Return a wrong line and the test that must fail with it."""
    return Fault(name, owner, function, right, wrong, lambda _: row(*given))


FAULTS = [
    fault(
        "an address that has moved is silence",
        *(Meetings, "met", "return FOREIGN if there else SILENT", "return SILENT"),
        seconds.test_14_an_address_that_moves_when_its_owner_is_silent,
    ),
    fault(
        "a planned move is silence",
        *(Meetings, "met", "return MOVED if owner == MOVING else SILENT", "return SILENT"),
        seconds.test_13_a_planned_move,
    ),
    fault(
        "an item is lost by rounding",
        *(arithmetic, "whole_items", "progress + GUARD", "progress - GUARD"),
        seconds.test_1_a_process_that_is_gone,
    ),
    fault(
        "items of a part",
        *(arithmetic, "whole_items", "float(math.floor(progress + GUARD))", "progress"),
        *(sharing.test_whole_items_and_the_last_response_at_a_rate_that_changed,),
    ),
    fault(
        "the fault starts the response timer",
        *(arithmetic, "last_response", "return at if at < now else now", "return now"),
        *(seconds.test_3_a_host_that_is_silent, 0.05),
    ),
    fault(
        "retransmissions from the moment of healing",
        *(Standing, "_await", "(self.last, now)", "(now, now)"),
        seconds.test_7_a_path_that_is_cut_and_heals,
    ),
    fault(
        "retransmissions that double for ever",
        *(arithmetic, "retransmission", "if k <= DOUBLINGS:", "if True:"),
        seconds.test_9_a_path_that_heals_for_one_without_a_timer,
    ),
    fault(
        "a member that was away knows its sessions",
        *(Meetings, "ends", "value in (SILENT, REFUSES) or", "value == REFUSES or"),
        *(cells.test_items, "silent host"),
    ),
    fault(
        "a queue that goes on after a failure",
        *(Sender, "_failed", "yield from self.pause(self.now + timers.retry_every)"),
        "yield from self.wait(self.now + timers.retry_every)",
        clients.test_after_a_failure_the_whole_queue_waits,
    ),
    fault(
        "a queue that waits behind a parked job too",
        *(Sender, "_failed", "self._buffer.park(job, self.now)"),
        "self._buffer.park(job, self.now)\n    yield from self.pause(self.now + timers.retry_every)",
        clients.test_after_parking_the_next_goes_at_once,
    ),
    fault(
        "a failed job is not the head any more",
        *(Buffer, "put_back", "insort(self._waiting, job)", "self._waiting.append(job)"),
        clients.test_a_failed_job_is_the_head_again,
    ),
    fault(
        "resend: all of it",
        *(Buffer, "items", "if missing else 0", "if False else 0"),
        seconds.test_1_a_process_that_is_gone,
    ),
    fault(
        "resend: only what is missing",
        *(Buffer, "items", "if missing else 0", "if True else 0"),
        seconds.test_2_the_whole_study_again,
    ),
    fault(
        "one association more than the limit",
        *(World, "take_place", ">= limit.associations", "> limit.associations"),
        *(seconds.test_21_one_association_at_a_time, WAITS, (13.0, 1), []),
    ),
    fault(
        "a place for one that stands still",
        *(World, "offer", "and standing.answers", ""),
        cells.test_who_is_passed_over_does_not_hold_up_those_behind,
    ),
    fault(
        "a place is kept for a session that is gone",
        *(Attempt, "changes", "self.world.give_back(self)", "pass"),
        clients.test_a_restart_frees_the_places_of_sessions_it_does_not_know,
    ),
    fault(
        "attempts look at the first of several changes",
        *(
            World,
            "_change",
            "        self._next += 1\n",
            "        self._next += 1\n        break\n",
        ),
        *(cells.test_items, "gone and back at one moment"),
    ),
    fault(
        "a load that counts flows",
        *(Sharing, "rates", "load[pool] += use / flow.item.alone", "load[pool] += 1.0"),
        *(sharing.test_25_half_of_an_item_is_work, 2, 10.0),
    ),
    fault(
        "only the last pool of a flow",
        *(Sharing, "rates", "share = min(share, ", "share = min(1.0, "),
        *(sharing.test_26_two_pools, 1, 0),
    ),
    fault(
        "a flow that stands still keeps its share",
        *(Sharing, "rates", "if flow.moves:\n", "if True:\n"),
        sharing.test_a_flow_that_stands_still_leaves_its_share,
    ),
    fault(
        "progress at the new rate",
        *(Flow, "set_rate", "self.settle(now)", "self.rate = rate; self.settle(now)"),
        sharing.test_23_one_worker_and_two_flows,
    ),
    fault(
        "an error status before the first item",
        *(Standing, "_disturbed", "self.met == ERRORING != before", "False"),
        seconds.test_12_a_member_that_answers_with_errors,
    ),
    fault(
        "a release whose failure counts",
        *(Attempt, "release", "if ended.cut_off and self._misses():", "if True:"),
        *(cells.test_release, "refuses"),
    ),
    fault(
        "a balancer that goes to another member without redispatch",
        *(Dialling, "run", "if dial.redispatch else -1", "if True else -1"),
        seconds.test_18_without_redispatch_the_same_member_is_dialled,
    ),
    fault(
        "a backup server is another listed member",
        *(Balancer, "other", "if self.dial.mode == FIRST:", "if False:"),
        seconds.test_17_a_balancer_goes_to_another_member,
    ),
    fault(
        "a buffer that keeps the oldest",
        *(Buffer, "_overwrite", "old.age += job.bytes", "job.age += old.bytes"),
        clients.test_the_oldest_go_first_whatever_their_state,
    ),
    fault(
        "a commitment at once",
        *(Buffer, "store", "if self._deletes != COMMITTED:", "if True:"),
        clients.test_a_commitment_keeps_a_buffer_full,
    ),
    fault(
        "patience that breaks off an attempt's wait only at the retry",
        *(Asking, "through", "min(again, max(over, self.now))", "again"),
        clients.test_an_opening_is_put_aside_and_comes_back,
    ),
    fault(
        "what comes back goes first",
        *(Desk, "_come_back", "self.waiting.append(entry[1])", "self.waiting.insert(0, entry[1])"),
        clients.test_what_comes_back_waits_behind_those_that_wait,
    ),
    fault(
        "windows without a lead",
        *(TrafficWindows, "window", "all_of[first].start - self._lead", "all_of[first].start"),
        bounds.test_what_is_under_way_as_it_starts_is_in_it,
    ),
    fault(
        "a twin with draws of its own",
        *(
            TrafficWindows,
            "_begun",
            "begin(one, start, key)",
            "begin(one, start, key[:: 1 if one is line else -1])",
        ),
        bounds.test_a_twin_asks_what_the_faulted_run_asks,
    ),
    fault(
        "a twin that follows nobody",
        *(Meetings, "ends", "not self._stays and value >= 0", "value >= 0"),
        runs.test_a_twin_follows_the_owner_and_nobody_is_cut_off,
    ),
    fault(
        "exams that are queued, parked or unsafe are not compared",
        *(ReferenceRun, "state", "depot.note(state, self.now)", "pass"),
        bounds.test_a_job_that_is_parked_keeps_it_open,
    ),
    fault(
        "compared before what happens at a minute",
        *(windows, "next_minute", "MINUTE * (time // MINUTE + 1.0)", "-MINUTE * (-time // MINUTE)"),
        bounds.test_it_is_looked_at_after_a_divergence_has_ended,
    ),
    fault(
        "a window that takes no other divergence in",
        *(TrafficWindows, "window", "self._opens(all_of, first + count)", "math.inf"),
        bounds.test_divergences_that_start_before_it_is_closed_less_their_lead_belong_to_it,
    ),
    fault(
        "runs that are not looked through",
        *(TwinRuns, "logs", "log.check()", "pass"),
        bounds.test_every_run_is_looked_through,
    ),
]


@pytest.mark.parametrize("planted", FAULTS, ids=lambda planted: planted.name)
def test_a_planted_fault_is_seen(planted: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test passes before the fault is there and fails with it, by its own assertion."""
    planted.row(on_reference)
    planted.plant(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)) as caught:
        planted.row(on_reference)
    assert "pacsim" not in Path(caught.traceback[-1].path).parts
