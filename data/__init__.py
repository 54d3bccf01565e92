"""The log: everything that touches the database, and nothing else does."""

from driftboard.data.batch import PredictionBatch
from driftboard.data.catalog import get_model, list_models
from driftboard.data.columns import LoggedRows
from driftboard.data.labels import LabelResult, backfill_ground_truth, label_predictions
from driftboard.data.model_key import ModelKey, parse_model_key
from driftboard.data.predictions import LogResult, log_predictions
from driftboard.data.reading import BatchInfo, find_batch, iterate_batches, list_batches, read_batch
from driftboard.data.references import load_reference, promote_reference, register_model
from driftboard.data.store import Store, open_store, open_store_read_only

__all__ = [
    "BatchInfo",
    "LabelResult",
    "LogResult",
    "LoggedRows",
    "ModelKey",
    "PredictionBatch",
    "Store",
    "backfill_ground_truth",
    "find_batch",
    "get_model",
    "iterate_batches",
    "label_predictions",
    "list_batches",
    "list_models",
    "load_reference",
    "log_predictions",
    "open_store",
    "open_store_read_only",
    "parse_model_key",
    "promote_reference",
    "read_batch",
    "register_model",
]
