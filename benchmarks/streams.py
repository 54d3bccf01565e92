"""The streams of data that detectors are judged by: deterministic in (name, seed)."""

from benchmarks.scored import draw_scored, draw_valued

__all__ = ["draw_scored", "draw_valued"]
