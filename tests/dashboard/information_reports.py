"""Reports that are information only, made by hand."""

from driftboard.monitors.interval import Interval
from driftboard.monitors.multivariate import MultivariateReport
from driftboard.monitors.sequential import SequentialReport, SequentialResult
from driftboard.monitors.verdict import Verdict


def multivariate_report(*, moved: bool = True) -> MultivariateReport:
    """All features together."""
    return MultivariateReport(
        Verdict.INFO if moved else Verdict.OK,
        "the features moved together: MMD p = 0.005." if moved else "nothing moved between the features.",
        200,
        52_000,
        features=3,
        reconstruction_error=1.9 if moved else 1.1,
        reference_reconstruction_error=1.1,
        reconstruction_interval=Interval(0.9, 1.3),
        components=2,
        mmd=0.02,
        mmd_p=0.005 if moved else 0.6,
        rows_compared=200,
    )


def sequential_report(name: str = "4") -> SequentialReport:
    """One detector of three has alarmed."""
    results = (
        SequentialResult("ADWIN", True, name, 640),
        SequentialResult("DDM", False),
        SequentialResult("Page-Hinkley", False),
    )
    return SequentialReport(Verdict.INFO, f"ADWIN alarmed in batch `{name}`.", 800, 4, results)
