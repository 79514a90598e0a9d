"""pacsim: how often a PACS is down, what is lost and how long a failover is felt, and why.

Names are loaded on first use, so that ``import pacsim`` is quick.
"""

# Read by Pythons that are too old as well, so that `pacsim.bootstrap` can refuse them in words.
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pacsim.api import compare, episode, history, replay, run
    from pacsim.core import ModelBuilder
    from pacsim.design import Design, diff, load
    from pacsim.errors import PacsimError
    from pacsim.files.problems import DesignError
    from pacsim.pages import report
    from pacsim.results import Result
    from pacsim.studies.study import Study
    from pacsim.studies.study_result import StudyResult, read
    from pacsim.studies.sweeping import sweep
    from pacsim.studies.uncertain_inputs import input_uncertainty, sensitivity, sobol

__version__ = "0.1.0"
WHERE = {
    "Design": "pacsim.design",
    "DesignError": "pacsim.files.problems",
    "ModelBuilder": "pacsim.core",
    "PacsimError": "pacsim.errors",
    "Result": "pacsim.results",
    "Study": "pacsim.studies.study",
    "StudyResult": "pacsim.studies.study_result",
    "compare": "pacsim.api",
    "diff": "pacsim.design",
    "episode": "pacsim.api",
    "history": "pacsim.api",
    "input_uncertainty": "pacsim.studies.uncertain_inputs",
    "load": "pacsim.design",
    "read": "pacsim.studies.study_result",
    "replay": "pacsim.api",
    "report": "pacsim.pages",
    "run": "pacsim.api",
    "sensitivity": "pacsim.studies.uncertain_inputs",
    "sobol": "pacsim.studies.uncertain_inputs",
    "sweep": "pacsim.studies.sweeping",
}
"""Public name to the module that has it."""

__all__ = [
    "Design",
    "DesignError",
    "ModelBuilder",
    "PacsimError",
    "Result",
    "Study",
    "StudyResult",
    "compare",
    "diff",
    "episode",
    "history",
    "input_uncertainty",
    "load",
    "read",
    "replay",
    "report",
    "run",
    "sensitivity",
    "sobol",
    "sweep",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in WHERE:
        msg = f"pacsim has no {name!r}; public names: {', '.join(__all__)}"
        raise AttributeError(msg)
    return getattr(import_module(WHERE[name]), name)


def __dir__() -> "list[str]":
    return sorted([*__all__, "__version__"])
