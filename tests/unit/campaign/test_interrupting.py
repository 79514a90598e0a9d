"""An interrupt inside an undisturbed block comes at its end, and is not lost."""

import os
import signal
import threading
from types import FrameType

import pytest

from pacsim.campaign.interrupting import Undisturbed


@pytest.mark.usefixtures("heard")
def test_an_interrupt_comes_at_the_end() -> None:
    reached = []

    def interrupted() -> None:
        with Undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            reached.append("end")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert reached == ["end"]
    with Undisturbed():
        reached.append("quiet")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("deaf")
def test_what_is_deaf_stays_deaf() -> None:
    """``nohup pacsim ... &`` runs on, whenever an interrupt comes."""
    try:
        with Undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    except KeyboardInterrupt:
        # It would end all tests and not only this one.
        pytest.fail("was interrupted")
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.usefixtures("heard")
def test_whoever_handles_interrupts_hears_of_them_at_the_end() -> None:
    """A notebook or a program around pacsim may have a handler of its own."""
    told: list[str] = []

    def handler(_number: int, _frame: FrameType | None) -> None:
        told.append("heard")

    signal.signal(signal.SIGINT, handler)
    with Undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
        told.append("end")
    assert told == ["end", "heard"]
    assert signal.getsignal(signal.SIGINT) is handler


def test_what_is_handled_outside_python_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python says None of such a handler, and could not put it back."""
    monkeypatch.setattr(signal, "getsignal", lambda _number: None)
    monkeypatch.setattr(signal, "signal", lambda *_: pytest.fail("was replaced"))
    with Undisturbed():
        pass


def test_elsewhere_it_does_nothing() -> None:
    done = []

    def work() -> None:
        with Undisturbed():
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]
