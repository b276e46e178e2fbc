"""Does a printed score hold? Estimates, their noise, and the verdict. Knows no benchmark and no model.

Scores, differences, margins and variances are in points (0 to 100) and points squared; the elementary counts of a
:class:`Sample` are the benchmark's own. Two kinds of noise are kept apart (Miller, "Adding Error Bars to Evals", 2024,
arXiv 2411.00640): *rerun noise*, from drawing the same items' replies again, decides the verdict; *population noise*,
from drawing other items like these, is shown and never decides.
"""

from harness.statistics.compare import (
    Bounds,
    ReportedValue,
    difference_variance,
    margin_interval,
    p_value,
    vendor_variance,
)
from harness.statistics.intervals import plus_four_variance, wilson
from harness.statistics.multiple import holm
from harness.statistics.power import detectable_difference, repeats_to_detect, repeats_to_reproduce
from harness.statistics.ratio import Estimate, estimate
from harness.statistics.sample import Metric, Sample, with_unresolved
from harness.statistics.verdict import Label, Verdict, verdict

__all__ = [
    "Bounds",
    "Estimate",
    "Label",
    "Metric",
    "ReportedValue",
    "Sample",
    "Verdict",
    "detectable_difference",
    "difference_variance",
    "estimate",
    "holm",
    "margin_interval",
    "p_value",
    "plus_four_variance",
    "repeats_to_detect",
    "repeats_to_reproduce",
    "vendor_variance",
    "verdict",
    "wilson",
    "with_unresolved",
]
