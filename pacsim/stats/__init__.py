"""Estimates and intervals from streamed replications; nothing here grows with their number."""

from pacsim.stats.blocks import BLOCK, Blocks
from pacsim.stats.confidence_intervals import (
    LEVEL,
    NONE_SEEN,
    ONE_SEEN,
    Estimate,
    clustered_interval,
    mean_interval,
    none_seen,
    paired_difference,
    proportion_interval,
    ratio_interval,
    share_interval,
    share_of_means,
    t_quantile,
)
from pacsim.stats.grouped_quantiles import GroupedHistogram
from pacsim.stats.histogram import LogHistogram, quantile_ranks
from pacsim.stats.moments import Moments, Skewness
from pacsim.stats.paired_blocks import (
    LEAST_BLOCKS,
    BlockMeans,
    at_level,
    block_difference,
    in_common,
    linearised,
)
from pacsim.stats.stopping import Sequential
from pacsim.stats.strata import StrataMoments, weights_of
from pacsim.stats.totals import capped_interval, total_interval

__all__ = [
    "BLOCK",
    "LEAST_BLOCKS",
    "LEVEL",
    "NONE_SEEN",
    "ONE_SEEN",
    "BlockMeans",
    "Blocks",
    "Estimate",
    "GroupedHistogram",
    "LogHistogram",
    "Moments",
    "Sequential",
    "Skewness",
    "StrataMoments",
    "at_level",
    "block_difference",
    "capped_interval",
    "clustered_interval",
    "in_common",
    "linearised",
    "mean_interval",
    "none_seen",
    "paired_difference",
    "proportion_interval",
    "quantile_ranks",
    "ratio_interval",
    "share_interval",
    "share_of_means",
    "t_quantile",
    "total_interval",
    "weights_of",
]
