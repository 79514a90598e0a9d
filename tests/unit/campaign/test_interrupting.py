"""An interrupt inside an undisturbed block comes at its end, and is not lost."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from pacsim.campaign.interrupting import Undisturbed


@pytest.fixture
def heard() -> Iterator[None]:
    """Let interrupts be heard: a shell starts what runs in the background deaf to them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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


def test_elsewhere_it_does_nothing() -> None:
    done = []

    def work() -> None:
        with Undisturbed():
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]
