"""`python -m driftboard.exporter` prints `docs/metrics.md`: every metric, from the table that the exporter reads."""

import sys

from driftboard.exporter.reference import metrics_page

if __name__ == "__main__":
    sys.stdout.write(metrics_page())
