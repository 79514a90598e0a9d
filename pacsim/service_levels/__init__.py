"""Service levels: what contracts call down, scored on kept outages and on logs of hospitals."""

from pacsim.service_levels.scores import Scores
from pacsim.service_levels.scoring import score
from pacsim.service_levels.service_level import ServiceLevel

__all__ = ["Scores", "ServiceLevel", "score"]
