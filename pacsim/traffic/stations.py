"""Stations of a workload, as tables have them: modalities, readers, routers, worklists, probes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.design.workloads import mean_items
from pacsim.parts.values import Part
from pacsim.parts.workload import C_MOVE, MODALITY
from pacsim.traffic import client_tables as t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.delays import Law
    from pacsim.design.resolved import Resolved
    from pacsim.design.workloads import Workload
    from pacsim.traffic.client_conditions import Conditions
    from pacsim.traffic.served import Served

READER = "reader"
Wire = tuple[float, float, float]
"""Of a station: bytes a second, round trip and set-up in seconds."""
PROBED = {MODALITY: t.STORE, READER: t.RETRIEVE}
"""What a probe that rides along with a kind of client does."""


def stations(
    resolved: Resolved, conditions: Conditions, served: Served, starts: int
) -> tuple[t.Station, ...]:
    """Return all stations of a design's workload, in the order of the file.

    Parameters
    ----------
    resolved : Resolved
        Of a design with a workload.
    conditions : Conditions
        With sites and targets.
    served : Served
        What serves.
    starts : int
        Hour of the week at t = 0.
    """
    assert resolved.workload is not None
    term = resolved.contract.number("term")
    answers = _answers(resolved, served)
    made = Stations(resolved.workload, conditions, served, starts, term, answers)
    return (*made.modalities(), *made.readers(), *made.routers(), *made.askers(), *made.probes())


def _answers(resolved: Resolved, served: Served) -> Law:
    """Return how long who has the worklist works on a question: as an archive, unless it says."""
    assert resolved.workload is not None
    part = resolved.parts.get(resolved.workload.worklist_target)
    software = part.values.get("software") if part is not None else None
    serves = software.values.get("serves") if isinstance(software, Part) else None
    return (serves if isinstance(serves, Part) else served.serves[0]).law("query")


@dataclass(frozen=True, slots=True)
class Stations:
    """Makes the stations of a workload."""

    workload: Workload
    conditions: Conditions
    served: Served
    starts: int
    term: float
    answers: Law

    def client(self, kind: str) -> Part:
        """Return what is said of a kind of client."""
        return self.workload.record.part("clients").part(kind)

    def site(self, what: str) -> int:
        """Return the number of the place of a modality, or of readers."""
        return self.conditions.sites.index(self.workload.site(what))

    def target(self, name: str) -> int:
        """Return the number of a target; one that is no part never fails."""
        return self.conditions.targets.index(name) if name in self.conditions.targets else t.FREE

    def rates(self, week: tuple[float, ...], among: int) -> t.Rates:
        """Return the rates of one of several stations alike."""
        growth = self.workload.growth(self.term)
        return t.Rates(tuple(one / among for one in week), growth, self.starts)

    def study(self, code: str) -> t.ImagingStudy:
        """Return what an exam of a modality consists of."""
        one = self.workload.modalities[code]
        items, size = one.law("instances"), one.law("size")
        return t.ImagingStudy(
            max(1, math.ceil(items.fixed)) if items.fixed is not None else items,
            size.fixed if size.fixed is not None else size,
            one.number("compression"),
            one["compressed_by"] == MODALITY,
            self.workload.size_growth(self.term),
        )

    def sent(self, code: str) -> float:
        """Return the mean bytes of an instance as it is sent, in the first year."""
        one = self.workload.modalities[code]
        return one.law("size").mean() * (self.ratio(code) if self.compresses(code) else 1.0)

    def compresses(self, code: str) -> bool:
        """Return whether a modality compresses before it sends."""
        return bool(self.workload.modalities[code]["compressed_by"] == MODALITY)

    def ratio(self, code: str) -> float:
        """Return the bytes stored for each that is made."""
        return 1.0 / self.workload.modalities[code].number("compression")

    def router_of(self, code: str) -> str:
        """Return the router that a modality sends to; empty for the archive."""
        routers = self.workload.record["routers"]
        return next((name for name, one in routers.items() if code in one.names("of")), "")

    def modalities(self) -> Iterator[t.Station]:
        """Yield the stations of each modality."""
        client = self.client("modality")
        for code, one in self.workload.modalities.items():
            among = int(one["stations"])
            streams = [
                t.Arrivals(name, self.rates(week, among))
                for name, week in (
                    (t.EXAMS, self.workload.routine_week(code)),
                    (t.EMERGENCIES, self.workload.emergency_week(code)),
                )
                if any(week)
            ]
            does = self._modality(code, client)
            for k in range(among):
                name, site = f"{code}-{k + 1}", self.site(code)
                yield t.Station(name, does, site, timers(client), tuple(streams))

    def _modality(self, code: str, client: Part) -> t.Modality:
        one = self.workload.modalities[code]
        router = self.router_of(code)
        deletes = str(_own(one, client, "deletes"))
        commits = deletes == t.COMMITTED
        return t.Modality(
            self.study(code),
            self._store(code, client, router),
            str(client["resend"]),
            client.law("by_hand"),
            client.number("forgotten"),
            float(_own(one, client, "buffer")),
            deletes,
            (one if "commit" in one else client).law("commit") if commits else None,
            self._number(router) if router else -1,
        )

    def _number(self, router: str) -> int:
        """Return the number of the station that a router is."""
        names = self.workload.station_names
        return len(names) - len(self.workload.record["routers"]) + self._place(router)

    def _place(self, router: str) -> int:
        return list(self.workload.record["routers"]).index(router)

    def _store(self, code: str, client: Part, router: str) -> t.Operation:
        one = self.workload.modalities[code]
        rate, latency, association = wire(one, client)
        target = self.target(router) if router else t.ARCHIVE
        if router:
            works: tuple[t.Work, ...] = (t.Work(latency, line=1.0 / rate),)
        else:
            ratio = 1.0 if self.compresses(code) else self.ratio(code)
            works = self.served.stored(self.workload.site(code), rate, latency, ratio)
        return t.Operation(t.STORE, works, association, 1, release(client), target, own(client))

    def readers(self) -> Iterator[t.Station]:
        """Yield the workstations."""
        if "readers" not in self.workload.record:
            return
        record, client = self.workload.record.part("readers"), self.client(READER)
        rate, latency, association = wire(record, client)
        works = self.served.fetched(self.workload.site("readers"), rate, latency)
        moves = record["retrieves_by"] == C_MOVE
        takes, before = release(client), own(client)
        shares = self.workload.shares
        does = t.Reader(
            tuple((share, self.study(code)) for code, share in shares.items()),
            t.Operation(
                *(t.QUERY, self.served.asked(latency), association, 1, takes),
                attempt_takes=before,
            ),
            t.Operation(
                *(t.RETRIEVE, works, association, 2 if moves else 0, takes if moves else 0.0),
                attempt_takes=before,
            ),
            record.number("queries"),
            record.part("priors").number("exist"),
            int(record.part("priors")["fetched"]),
            client.number("patience"),
            client.number("returns"),
            record.number("least_between"),
            moves,
        )
        among = int(record["stations"])
        week = self.workload.openings_week()
        streams = (t.Arrivals(t.OPENINGS, self.rates(week, among)),) if any(week) else ()
        for k in range(among):
            name, site = f"reader-{k + 1}", self.site("readers")
            yield t.Station(name, does, site, timers(client), streams)

    def routers(self) -> Iterator[t.Station]:
        """Yield the routers."""
        client = self.client("router")
        rate, latency, association = wire(client, client)
        for name, one in self.workload.record["routers"].items():
            codes = one.names("of")
            place = self.workload.router_site(name)
            # Bytes stored for each that is sent, of all that it forwards.
            weights = {code: self._bytes(code) for code in codes}
            ratio = sum(
                w if self.compresses(c) else w * self.ratio(c) for c, w in weights.items()
            ) / sum(weights.values())
            works = self.served.stored(place, rate, latency, ratio)
            does = t.Forwarder(
                t.Operation(
                    *(t.STORE, works, association, 1, release(client)), attempt_takes=own(client)
                ),
                int(one["parallel"]),
                one.number("buffer"),
                str(client["resend"]),
                client.law("by_hand"),
                client.number("forgotten"),
            )
            yield t.Station(name, does, self.conditions.sites.index(place), timers(client))

    def _bytes(self, code: str) -> float:
        """Return the bytes that a modality sends of an exam, weighted by its share."""
        items = mean_items(self.workload.modalities[code].law("instances"))
        return max(self.workload.shares[code] * items * self.sent(code), 1e-300)

    def askers(self) -> Iterator[t.Station]:
        """Yield the consoles that ask for their worklist, one for each modality's station."""
        if "worklist" not in self.workload.record:
            return
        record, client = self.workload.record.part("worklist"), self.client("ris")
        _rate, latency, association = wire(client, client)
        named = self.workload.worklist_target
        target = self.target(named) if named else t.ARCHIVE
        works = self.served.asked(latency)
        if named:
            law = self.answers
            works = (t.Work(latency + law.mean(), service=law, mean=law.mean()),)
        ask = t.Operation(
            *(t.WORKLIST, works, association, 1, release(client), target, own(client))
        )
        does = t.Asker(ask, record.number("every"), int(record["asks"]), client.number("patience"))
        for code, one in self.workload.modalities.items():
            for k in range(int(one["stations"])):
                name = f"worklist-{code}-{k + 1}"
                yield t.Station(name, does, self.site(code), timers(client))

    def probes(self) -> Iterator[t.Station]:
        """Yield a probe for each kind of client and place, then those that are written.

        One that rides along stands for the first modality there: its instances, and its line.
        """
        places: dict[tuple[str, str], tuple[float, Wire]] = {}
        for code, one in self.workload.modalities.items():
            line = wire(one, self.client(MODALITY))
            places.setdefault((MODALITY, self.workload.site(code)), (self.sent(code), line))
        if "readers" in self.workload.record:
            first = next(iter(self.workload.modalities), "")
            size = (
                self.workload.modalities[first].law("size").mean() * self.ratio(first)
                if first
                else 0.0
            )
            line = wire(self.workload.record.part("readers"), self.client(READER))
            places[READER, self.workload.site("readers")] = (size, line)
        for (kind, place), (size, line) in places.items():
            name, does = f"probe-{kind}-{place}", (PROBED[kind],)
            yield self._probe(name, kind, place, does, size, line, 1.0, draws=False)
        for name, one in self.workload.record["probes"].items():
            size, pause = one.law("size").mean(), one.number("pause")
            does = one.names("operations")
            kind, place = str(one["of"]), str(one["at"])
            line = wire(self.client(kind), self.client(kind))
            yield self._probe(name, kind, place, does, size, line, pause, draws=True)

    def _probe(
        self,
        name: str,
        kind: str,
        place: str,
        does: tuple[str, ...],
        size: float,
        line: Wire,
        pause: float,
        *,
        draws: bool,
    ) -> t.Station:
        client = self.client(kind)
        rate, latency, association = line
        takes, before = release(client), own(client)
        operations = []
        for what in does:
            works = self._alone(what, place, rate, latency, size, draws=draws)
            setups = 0 if what == t.RETRIEVE else 1
            operations.append(
                t.Operation(
                    *(what, works, association, setups, takes if setups else 0.0),
                    attempt_takes=before,
                )
            )
        site = self.conditions.sites.index(place)
        return t.Station(name, t.Probe(tuple(operations), kind), site, timers(client, pause))

    def _alone(
        self, what: str, place: str, rate: float, latency: float, size: float, *, draws: bool
    ) -> tuple[t.Work, ...]:
        """Return the work of one instance that uses no pool, its bytes and service included.

        Each instance of a probe that is written is an operation of its own and draws its service;
        what rides along, to feel faults and nothing else, takes the mean.
        """
        if what == t.ECHO:
            return (t.Work(latency),) * len(self.conditions.members)
        if what in (t.QUERY, t.WORKLIST):
            works = self.served.asked(latency)
            return tuple(t.Work(one.alone, (), one.service, -1, one.mean) for one in works)
        if what == t.RETRIEVE:
            key, works = "read", self.served.fetched(place, rate, latency)
        else:
            key, works = "store", self.served.stored(place, rate, latency, 1.0)
        if not draws:
            return tuple(t.Work(alone(one, size)) for one in works)
        laws = [serves.law(key) for serves in self.served.serves]
        return tuple(
            t.Work(
                one.alone + size * one.line,
                service=law,
                mean=one.mean,
                step=one.step + size * one.array,
            )
            for one, law in zip(works, laws, strict=True)
        )


def alone(work: t.Work, size: float) -> float:
    """Return the seconds that an item of a size takes alone, at its mean service (T6).

    Examples
    --------
    >>> alone(t.Work(0.5, mean=0.25, line=0.125, step=0.25, array=0.125), 8.0)
    2.5
    """
    busy = max(work.mean, work.step + size * work.array)
    return work.alone + size * work.line + busy - work.mean


def timers(client: Part, pause: float = 1.0) -> t.Timers:
    """Return the timers of a kind of client."""
    retry = client.part("retry")
    count = int(retry["count"]) if "count" in retry else t.ENDLESS
    connect, associate, response, release = (
        client.number(key) for key in ("connect", "associate", "response", "release")
    )
    every = retry.number("every")
    return t.Timers(connect, associate, response, release, every, count, pause)


def release(client: Part) -> float:
    """Return the seconds that a release takes a kind of client."""
    return client.number("release_takes")


def own(client: Part) -> float:
    """Return the seconds that an attempt takes it before it asks for a connection."""
    return client.number("attempt_takes")


def wire(one: Part, client: Part) -> Wire:
    """Return rate, round trip and set-up of a station, by default those of its kind."""
    rate, latency, association = (
        float(_own(one, client, key)) for key in ("rate", "latency", "association")
    )
    return rate, latency, association


def _own(one: Part, client: Part, key: str) -> Any:  # noqa: ANN401
    return (one if key in one else client).values[key]
