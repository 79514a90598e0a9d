"""Faults planted in the reference engine: each must make the test of some row fail."""

from pathlib import Path

import pytest

from pacsim.engines.reference import causes, observers
from pacsim.engines.reference.gate_reader import GateReader
from pacsim.engines.reference.quantities import Tank
from pacsim.engines.reference.simulation import Replication
from pacsim.engines.reference.state import State
from pacsim.engines.reference.timers import Clock
from tests.semantics import test_causes as cause_rows
from tests.semantics import test_clocks as clock_rows
from tests.semantics import test_instants as instant_rows
from tests.semantics import test_quantities as quantity_rows
from tests.semantics import test_rules_amounts as amount_rows
from tests.semantics import test_rules_calendar as calendar_rows
from tests.semantics import test_rules_chance as chance_rows
from tests.semantics import test_rules_structure as structure_rows
from tests.semantics.planting import Fault, on_reference

ONE_BY_ONE = """for part, target in moves.items():
        self.state.apply({part: target}, renewed, self.root)
        while part != transition.element and (early := self._next_immediate()) is not None:
            self.step(early, t)"""

FAULTS = [
    Fault(
        "restart read as resume",
        Replication,
        "_settle_clock",
        'if transition.memory == "restart":',
        "if False:",
        clock_rows.test_01_wrong_readings_are_other_models,
    ),
    Fault(
        "resume read as restart",
        Replication,
        "_settle_clock",
        'if transition.memory == "restart":',
        "if True:",
        clock_rows.test_01_parts_do_not_age_while_the_system_is_down,
    ),
    Fault(
        "keep dropped",
        Replication,
        "_settle_clock",
        'if transition.memory == "keep":',
        "if False:",
        lambda e: clock_rows.test_55_left_while_the_guard_is_false(e, "keep", 110),
    ),
    Fault(
        "no renewal by others",
        Replication,
        "_settle_clock",
        "if index in marks.fired or transition.element in marks.renewed:",
        "if index in marks.fired:",
        clock_rows.test_04_renewal_clears_a_running_clock,
    ),
    Fault(
        "renewal clears only what is stored",
        Replication,
        "_settle_clock",
        "or transition.element in marks.renewed:",
        "or (transition.element in marks.renewed and not clock.running):",
        lambda e: calendar_rows.test_24_a_drill_is_valid_for_a_time(e, 60.0, 0.95),
    ),
    Fault(
        "speed zero interrupts",
        Replication,
        "_settle_clock",
        "enabled = self.state.enabled(index)",
        "enabled = self.state.enabled(index) and self.selected(transition.speed) > 0.0",
        clock_rows.test_59_speed_zero_is_no_interruption,
    ),
    Fault(
        "delay drawn again on resuming",
        Replication,
        "_settle_clock",
        "clock.resume(t, speed)",
        "clock.start(t, speed, self.selected(transition.delay), self.key, self.root, 0.0)",
        clock_rows.test_74_a_delay_table_is_read_when_a_draw_is_made,
    ),
    Fault(
        "root taken anew on resuming",
        Replication,
        "_settle_clock",
        "clock.resume(t, speed)",
        "clock.root = self.root; clock.resume(t, speed)",
        lambda e: cause_rows.test_63_the_root_is_stored_when_a_clock_is_first_started(
            e, "resume", 10, "A.fail"
        ),
    ),
    Fault(
        "waits not recomputed",
        Replication,
        "_settle_clock",
        "clock.refill(t)",
        "pass",
        quantity_rows.test_11_half_load,
    ),
    Fault(
        "a repair has the root of its crew",
        Replication,
        "_clock_root",
        "return state.flag_root[element]",
        "return self.root",
        cause_rows.test_86_static_repair_of_a_crew_keeps_its_own_root,
    ),
    Fault(
        "first come by index",
        Replication,
        "_next_immediate",
        "self.state.stamps[transition.element] if transition.fifo else 0",
        "0",
        instant_rows.test_05_first_come_first_served,
    ),
    Fault(
        "priorities ignored",
        Replication,
        "_next_immediate",
        "candidate = (transition.priority, stamp, index)",
        "candidate = (0, stamp, index)",
        instant_rows.test_80_immediates_settle_at_the_start,
    ),
    Fault(
        "guards seen inside a cascade",
        Replication,
        "instant",
        "self.step(following, t)",
        "self._settle(t, initial=False); self.step(following, t)",
        clock_rows.test_02_a_flicker_inside_an_instant_is_no_interruption,
    ),
    Fault(
        "cause taken from an immediate",
        Replication,
        "instant",
        "self.step(following, t)",
        "self.root = following; self.step(following, t)",
        cause_rows.test_77_an_immediate_inherits_its_root,
    ),
    Fault(
        "effects applied one by one",
        Replication,
        "step",
        "self.state.apply(moves, renewed, self.root)",
        ONE_BY_ONE,
        instant_rows.test_39_a_shock_is_one_step,
    ),
    Fault(
        "copies read after jumps",
        Replication,
        "step",
        "tank.jump(t, copied)",
        "tank.jump(t, self.tanks[1 - quantity].at(t))",
        quantity_rows.test_58_copies_are_read_before_jumps,
    ),
    Fault(
        "a counter lost at its top",
        Replication,
        "_effect",
        "elif effect.counter:",
        "elif False:",
        instant_rows.test_44_a_counter_is_never_silently_lost,
    ),
    Fault(
        "never sampled as zero",
        Replication,
        "_sample",
        "self.books.values[first + 1] += 1.0",
        "pass",
        quantity_rows.test_48_never_is_not_zero,
    ),
    Fault(
        "the horizon is closed",
        Replication,
        "run",
        "self.env.peek() < self.horizon",
        "self.env.peek() <= self.horizon",
        instant_rows.test_37_the_horizon_is_open,
    ),
    Fault(
        "states of no length are seen",
        Replication,
        "advance",
        "if t <= self.last:",
        "if False:",
        lambda e: instant_rows.test_35_no_time_no_episode(e, "AB"),
    ),
    Fault(
        "window split lost",
        Replication,
        "advance",
        "observer.flush(boundary, self.window)",
        "pass",
        cause_rows.test_88_windows,
    ),
    Fault(
        "one step, many stamps",
        State,
        "apply",
        "self.stamps[element] = self.steps",
        "self.stamps[element] = self.steps = self.steps + 1",
        instant_rows.test_67_steps_not_indices_make_the_queue,
    ),
    Fault(
        "left seen only when settled",
        State,
        "apply",
        "if old in sources and new not in sources:",
        "if False:",
        lambda e: clock_rows.test_47_left_and_back_in_one_instant(e, "restart", 14),
    ),
    Fault(
        "speed ignored",
        Clock,
        "resume",
        "self.speed = speed",
        "self.speed = 1.0",
        clock_rows.test_49_speed_zero_for_a_while,
    ),
    Fault(
        "changes of speed ignored",
        Clock,
        "set_speed",
        "if speed != self.speed:",
        "if False:",
        clock_rows.test_49_speed_zero_for_a_while,
    ),
    Fault(
        "an unchanged speed recomputed",
        Clock,
        "set_speed",
        "if speed != self.speed:",
        "if True:",
        clock_rows.test_76_an_unchanged_speed_recomputes_nothing,
    ),
    Fault(
        "speeds selected again are recomputed",
        Clock,
        "set_speed",
        "if speed != self.speed:",
        "if True:",
        clock_rows.test_49_speed_zero_for_a_while,
    ),
    Fault(
        "a tick after its wait",
        Clock,
        "_fire_time",
        "return intervals.next_tick(period, offset, t)",
        "return t + (intervals.next_tick(period, offset, t) - t)",
        clock_rows.test_73_a_tick_fires_at_its_own_time,
    ),
    Fault(
        "two draws for one life",
        Clock,
        "start",
        "self.draws += 1",
        "self.draws += 2",
        lambda e: chance_rows.test_45_each_life_is_one_draw(e, "keep"),
    ),
    Fault(
        "negative residual",
        Clock,
        "_left",
        "max(0.0, self.work - self.speed * spent)",
        "self.work - self.speed * spent",
        clock_rows.test_83_no_negative_residual,
    ),
    Fault(
        "profile ignored",
        Clock,
        "_fire_time",
        "if self.profile is None:",
        "if True:",
        calendar_rows.test_51_clocks_on_profiles,
    ),
    Fault(
        "no work fires at the last closing",
        Clock,
        "_fire_time",
        "return max(t, self.profile.inverse(self.profile.work(t) + self.work / self.speed))",
        "return self.profile.inverse(self.profile.work(t) + self.work / self.speed)",
        calendar_rows.test_52_no_work_on_a_closed_profile,
    ),
    Fault(
        "what must fit is ignored",
        Clock,
        "_fire_time",
        ".next_open(t, need)",
        ".next_open(t, 0.0)",
        lambda e: calendar_rows.test_20_21_rolling_work(e, 2, None, (146, 147.5), (314, 315.5)),
    ),
    Fault(
        "a business day is an opening",
        Clock,
        "_fire_time",
        ".next_business_day(t)",
        ".next_open(t, 0.0)",
        calendar_rows.test_16_office_hours,
    ),
    Fault(
        "negative draws pass",
        Clock,
        "start",
        "if not self.work >= 0.0:",
        "if self.work != self.work:",
        lambda e: structure_rows.test_79_impossible_draws(e, -1.0),
    ),
    Fault(
        "quantities not clamped",
        Tank,
        "at",
        "min(self.high, max(self.low, self.value + moved))",
        "self.value + moved",
        quantity_rows.test_09_no_overcharge,
    ),
    Fault(
        "jumps not clamped",
        Tank,
        "jump",
        "min(self.high, max(self.low, value))",
        "value",
        lambda e: quantity_rows.test_61_adding_stops_at_the_bound(e, 20, 34),
    ),
    Fault(
        "recharge ignored",
        Tank,
        "set_rate",
        "if rate == self.rate:",
        "if (rate := min(rate, 0.0)) == self.rate:",
        quantity_rows.test_08_a_half_charged_battery,
    ),
    Fault(
        "a wait needs a crossing",
        Tank,
        "meets",
        "        return t\n",
        "        return math.inf\n",
        quantity_rows.test_60_an_empty_battery_gives_nothing,
    ),
    Fault(
        "a sample stores",
        Tank,
        "at",
        "return min(self.high, max(self.low, self.value + moved))",
        "self.value = min(self.high, max(self.low, self.value + moved)); self.since = t\n"
        "    return self.value",
        quantity_rows.test_84_an_observer_changes_no_bit,
    ),
    Fault(
        "directed edges walked both ways",
        GateReader,
        "_connected",
        "if directed else",
        "if False else",
        structure_rows.test_68_paths,
    ),
    Fault(
        "ends may be dead",
        GateReader,
        "_connected",
        "for vertex in expr.sources if alive[vertex]",
        "for vertex in expr.sources",
        structure_rows.test_68_paths,
    ),
    Fault(
        "mixed counted as planned",
        observers,
        "kind_of_down_time",
        "return MIXED",
        "return PLANNED",
        cause_rows.test_33_mixed_needs_both,
    ),
    Fault(
        "what planned work set off is a fault",
        causes,
        "_down_without",
        "if not element.lasting and root",
        "if element.flagged(state.states[index]) and not element.lasting and root",
        cause_rows.test_90_planned_work_that_outlasts_a_battery_is_planned,
    ),
    Fault(
        "a state has the kind of its flag",
        causes,
        "_down_without",
        "model.transitions[root].cls == kind:",
        "state.states[index] in getattr(element, kind):",
        cause_rows.test_what_follows_has_the_kind_of_its_root_whatever_its_flag,
    ),
    Fault(
        "the root is that of the present state",
        State,
        "root_of",
        "(self.flag_root if flagged else self.entry_root)",
        "self.entry_root",
        cause_rows.test_a_flagged_element_keeps_the_root_it_became_flagged_with,
    ),
    Fault(
        "the root is that of the last flag",
        State,
        "root_of",
        "(self.flag_root if flagged else self.entry_root)",
        "self.flag_root",
        cause_rows.test_what_follows_has_the_kind_of_its_root_whatever_its_flag,
    ),
    Fault(
        "whoever is flagged contributes",
        observers.EpisodesObserver,
        "_flagged",
        "if e in self.matter",
        "if True",
        cause_rows.test_contributors_have_a_path_to_the_role,
    ),
    Fault(
        "an amount is its age",
        Replication,
        "_sample",
        "if now is not None and observed.profile != NONE:",
        "if False:",
        amount_rows.test_an_amount_counts_by_the_profile,
    ),
    Fault(
        "an amount up to now",
        Replication,
        "_sample",
        "profile.work(t) - profile.work(t - now)",
        "profile.work(t)",
        amount_rows.test_an_amount_of_whole_weeks_is_the_same_from_any_origin,
    ),
    Fault(
        "nothing before the mission",
        Replication,
        "_sample",
        "profile.work(t - now)",
        "profile.work(max(0.0, t - now))",
        amount_rows.test_an_amount_of_whole_weeks_is_the_same_from_any_origin,
    ),
    Fault(
        "an integral without its profile",
        Tank,
        "integrate",
        "if self.profile is None:",
        "if True:",
        amount_rows.test_the_integral_when_the_rate_turns_on_the_profile,
    ),
    Fault(
        "an integral of a scaled level",
        observers.LevelTimeObserver,
        "flush",
        "self.observed.scale * ",
        "",
        amount_rows.test_real_capacities_are_scaled_to_integers,
    ),
    Fault(
        "everybody there from the start",
        observers.EpisodesObserver,
        "_end",
        "element in self.at_first",
        "True",
        amount_rows.test_who_was_flagged_when_an_episode_began_is_kept_apart,
    ),
    Fault(
        "contributors only at the start",
        observers.EpisodesObserver,
        "_causes",
        "self.present |= now",
        "self.present = self.present or now",
        cause_rows.test_75_one_episode_two_kinds,
    ),
    Fault(
        "time in part judged by being in part",
        observers.EpisodesObserver,
        "_causes",
        "kind_of_down_time(state, self.observed.split_by)",
        "kind_of_down_time(state, self.observed.gate)",
        lambda e: cause_rows.test_in_part_is_judged_by_what_is_missing(e, needs_both=False),
    ),
    Fault(
        "initiator is the last root",
        observers.EpisodesObserver,
        "turned",
        "if down and not self.was_down:",
        "if True:",
        instant_rows.test_64_other_instants_at_the_same_time_do_not_matter,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_fails_its_row(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row's test passes before the fault is there and fails with it."""
    fault.row(on_reference)
    fault.plant(monkeypatch)
    # An engine that stops with an error of its own would not count.
    with pytest.raises((AssertionError, pytest.fail.Exception)) as caught:
        fault.row(on_reference)
    assert not {"engines", f"<{fault.name}>"} & set(Path(caught.traceback[-1].path).parts)
