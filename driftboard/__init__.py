"""driftboard: self-hosted monitoring for machine-learning models."""

__version__ = "0.1.0"
