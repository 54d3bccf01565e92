"""Choosing: what came into the log since the last time is looked through, and the chosen are queued."""

from datetime import datetime

from driftboard.data.catalog import Model
from driftboard.data.store import Store
from driftboard.review_settings import ReviewSettings


def queue_new(store: Store, model: Model, settings: ReviewSettings, *, now: datetime) -> int:
    """Queue the chosen of what was logged since the last time; return how many."""
    raise NotImplementedError
