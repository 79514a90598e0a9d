"""The commands as a user meets them: exit codes, tables, files, wrong input, Ctrl-C."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DESIGNS = ROOT / "models" / "designs"
SINGLE, PAIR = str(DESIGNS / "single-server.yaml"), str(DESIGNS / "active-passive.yaml")
HANGING = 900.0
"""Seconds after which a program hangs; no measure of speed, other work may share the machine."""
TINY = """pacsim: 1
name: Tiny
contract: {term: 1 year}
parts:
  a: {type: component, ttf: 500 h, ttr: 10 h}
roles:
  store: {needs: [a]}
"""


def pacsim(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pacsim", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=HANGING,
        check=False,
    )


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.yaml"
    file.write_text(TINY)
    return file


def test_compare_says_how_much_and_why(tmp_path: Path) -> None:
    saved, table = tmp_path / "r.json", tmp_path / "r.csv"
    done = pacsim(
        "compare", SINGLE, PAIR, "--replications", "200", "--json", str(saved), "--csv", str(table)
    )
    assert done.returncode == 0, done.stderr
    for said in (
        'role "store"', "down, unplanned", "down, planned", "your spreadsheet would say",
        "failover until it serves", "any study lost in 7 years", "most began with", "present in",
        "instead of Single server saves", "same faults in both", "inputs are assumed",
        "ransomware", "200 terms each, seed 1", "any role down",
    ):  # fmt: skip
        assert said in done.stdout
    content = json.loads(saved.read_text(), parse_constant=pytest.fail)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == len(content["rows"])
    schema = pacsim("schema", "result", "--json")
    jsonschema.validate(content, json.loads(schema.stdout))
    page = tmp_path / "page.html"
    done = pacsim("report", str(saved), "--out", str(page))
    assert done.returncode == 0, done.stderr
    shown = Page(page.read_text())
    shown.check(["Single server", "Active-passive pair", "same faults in both"])
    assert 'Role "read"' in shown.text
    assert 'Role "overall"' not in shown.text


class Page(HTMLParser):
    """Reads a page; everything it uses must be in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.outside: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for key, value in attrs:
            if key in {"src", "href"} and not (value or "").startswith("#"):
                self.outside.append(f"{tag} {key}={value}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def check(self, words: list[str]) -> None:
        assert not self.outside
        assert {"svg", "table", "title"} <= set(self.tags)
        assert "script" not in self.tags
        for word in [*words, "Every input and where it comes from", "assumed"]:
            assert word in self.text


def test_names_and_sources_are_escaped_on_the_page(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    text = TINY.replace("Tiny", f'"{bad}"').replace(
        "ttf: 500 h", f'ttf: {{mttf: 500 h, source: "{bad}"}}'
    )
    (tmp_path / "bad.yaml").write_text(text)
    page = tmp_path / "page.html"
    done = pacsim("report", str(tmp_path / "bad.yaml"), "--replications", "64", "--out", str(page))
    assert done.returncode == 0, done.stderr
    Page(page.read_text()).check([bad])
    assert "<script" not in page.read_text().replace("&lt;script", "")


def test_assumptions_are_listed_with_their_sources() -> None:
    done = pacsim("run", SINGLE, "--replications", "64", "--assumptions")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("assumed ")]
    assert any("parts.server-a.fails" in line for line in done.stdout.splitlines())
    assert len(lines) > 50


def test_everything_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(
        "pacsim: 1\n"
        "parts:\n"
        "  ups-a: {type: ups, from: ups, power: [ups-b]}\n"
        "  ups-b: {type: ups, from: ups, power: [ups-a]}\n"
        "  unit: {type: component, ttf: 5 parsecs, ttr: 4 h}\n"
        "  other: {type: component, ttf: 1 year, ttr: 4 h, netwrok: [x]}\n"
        "roles:\n"
        "  store: {needs: [unti]}\n"
    )
    for command in (["check"], ["run"], ["show"], ["compare", SINGLE]):
        done = pacsim(*command, str(file))
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "4 problems" in done.stderr
        for line, said in (
            ("line 3", "power goes round in a circle"),
            ("line 5", "parsecs"),
            ("line 6", 'did you mean "network"'),
            ("line 8", 'did you mean "unit"'),
        ):
            assert any(line in one and said in one for one in done.stderr.splitlines()), said


def test_show_of_show_is_the_same(tmp_path: Path) -> None:
    first = pacsim("show", PAIR)
    (tmp_path / "shown.yaml").write_text(first.stdout)
    assert first.returncode == 0
    again = pacsim("show", str(tmp_path / "shown.yaml"))
    kept = [line for line in first.stdout.splitlines() if not line.startswith("#")]
    assert [line for line in again.stdout.splitlines() if not line.startswith("#")] == kept


def test_exit_codes(tiny: Path, tmp_path: Path) -> None:
    assert pacsim("check", str(tiny)).returncode == 0
    assert pacsim("run", str(tiny), "--replications", "64").returncode == 0
    assert pacsim("run", str(tmp_path / "none.yaml")).returncode == 1
    assert pacsim("run").returncode == 2
    assert pacsim("run", str(tiny), "--nonsense").returncode == 2
    short = pacsim("run", str(tiny), "--precision", "0.1 %", "--replications", "128")
    assert short.returncode == 3
    assert "not reached" in short.stdout
    nowhere = pacsim("run", str(tiny), "--replications", "64", "--json", "/nowhere/r.json")
    assert nowhere.returncode == 2
    assert "there is no folder /nowhere" in nowhere.stderr
    assert not nowhere.stdout


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("precision", "abc"),
        ("precision", "0 %"),
        ("replications", "0"),
        ("seconds", "-1"),
        ("threads", "0"),
        ("seed", "-1"),
        ("seed", "one"),
    ],
)
def test_a_wrong_option_is_usage(tiny: Path, tmp_path: Path, option: str, value: str) -> None:
    for command in (["run"], ["compare"], ["report", "--out", str(tmp_path / "page.html")]):
        done = pacsim(*command, str(tiny), f"--{option}", value)
        assert done.returncode == 2, command
        assert option in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "page.html").exists()


def test_a_role_that_is_not_there_is_an_error(tiny: Path) -> None:
    done = pacsim("run", str(tiny), "--replications", "64", "--role", "raed")
    assert done.returncode == 1
    assert '"store"' in done.stderr


class Screen:
    """A terminal on which a program shows its progress, read while it runs."""

    def __init__(self) -> None:
        self.ours, self.theirs = os.openpty()
        self.text = ""
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)

    def watch(self) -> None:
        """Begin to read; the program has its end by now."""
        os.close(self.theirs)
        self.reader.start()

    def _read(self) -> None:
        # A terminal whose program has ended is an error on Linux and empty elsewhere.
        with contextlib.suppress(OSError):
            while part := os.read(self.ours, 4096):
                with self.changed:
                    self.text += part.decode(errors="replace")
                    self.changed.notify_all()
        os.close(self.ours)

    def wait_for(self, said: str) -> None:
        """Wait until something has been shown."""
        with self.changed:
            assert self.changed.wait_for(lambda: said in self.text, HANGING), self.text


def started(screen: Screen, *arguments: str) -> subprocess.Popen[str]:
    running = subprocess.Popen(
        [sys.executable, "-m", "pacsim", *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=screen.theirs, text=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    screen.watch()
    return running


@pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals")
@pytest.mark.usefixtures("heard")
def test_ctrl_c_answers_with_what_is_done(tmp_path: Path) -> None:
    saved, screen = tmp_path / "r.json", Screen()
    with started(
        screen, "compare", SINGLE, PAIR, "--precision", "0.01 %", "--json", str(saved)
    ) as running:
        try:
            screen.wait_for(" terms, ")
            running.send_signal(signal.SIGINT)
            # To this precision it would run for hours.
            out, _ = running.communicate(timeout=HANGING)
        finally:
            running.kill()
    assert running.returncode == 130
    assert "Partial: interrupted" in out
    assert "down, unplanned" in out
    found = json.loads(saved.read_text())["provenance"]
    assert found["partial"] is True
    assert found["reached"] is False


@pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals")
@pytest.mark.usefixtures("deaf")
def test_what_is_started_deaf_is_not_interrupted() -> None:
    """As by ``nohup pacsim ... &``."""
    screen = Screen()
    with started(screen, "compare", SINGLE, PAIR, "--replications", "1024") as running:
        try:
            screen.wait_for(" terms, ")
            while running.poll() is None:
                running.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.wait(0.005)
            out, _ = running.communicate(timeout=HANGING)
        finally:
            running.kill()
    assert running.returncode == 0, screen.text
    assert "1 024 terms each" in out
    assert "Partial" not in out


def test_a_role_and_an_array_of_one_name_are_compared(tmp_path: Path) -> None:
    names = []
    for name, disks in (("one", 4), ("two", 6)):
        file = tmp_path / f"{name}.yaml"
        file.write_text(
            f"pacsim: 1\nname: {name}\ncontract: {{term: 1 year}}\nparts:\n"
            "  images: {type: disk_array, from: array_dual_controller, layout: raid5, "
            f"disks: {disks}, disk: {{from: disk_group}}}}\n"
            "roles:\n  images: {needs: [images]}\n"
        )
        names.append(str(file))
    done = pacsim("compare", *names, "--replications", "64")
    assert done.returncode == 0, done.stderr


def test_designs_that_count_outages_differently_are_not_compared(tmp_path: Path) -> None:
    names = []
    for name, least in (("one", "60 s"), ("two", "2 h")):
        file = tmp_path / f"{name}.yaml"
        text = TINY.replace("Tiny", name).replace(
            "{term: 1 year}", f"{{term: 1 year, min_outage: {least}}}"
        )
        file.write_text(text)
        names.append(str(file))
    done = pacsim("compare", *names, "--replications", "64")
    assert done.returncode == 1
    assert "min_outage" in done.stderr
