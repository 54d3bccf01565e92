"""What Prometheus reads: the metrics of every model and of driftboard itself, out of the log."""

from driftboard.exporter.exporter import CONTENT_TYPE, Exporter
from driftboard.exporter.families import FAMILIES, find_family
from driftboard.exporter.family import Alias, Family, bound_text

__all__ = ["CONTENT_TYPE", "FAMILIES", "Alias", "Exporter", "Family", "bound_text", "find_family"]
