"""Instrumentation of an inference service: what it logs and counts of itself. Imports nothing of the server side."""

from driftboard.instrument.instrument import Instrument
from driftboard.instrument.prediction import Prediction
from driftboard.instrument.request import Request
from driftboard.instrument.stats import InstrumentStats

__all__ = ["Instrument", "InstrumentStats", "Prediction", "Request"]
