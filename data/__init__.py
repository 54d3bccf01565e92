"""The log: everything that touches the database, and nothing else does."""

from driftboard.data.batch import PredictionBatch
from driftboard.data.catalog import get_model, list_models
from driftboard.data.client import LoggerStats, PredictionLogger
from driftboard.data.columns import LoggedRows
from driftboard.data.labels import LabelResult, backfill_ground_truth, label_predictions
from driftboard.data.model_key import ModelKey, parse_model_key
from driftboard.data.predictions import LogResult, log_predictions
from driftboard.data.reading import BatchInfo, find_batch, iterate_batches, list_batches, read_batch
from driftboard.data.references import load_reference, promote_reference, register_model
from driftboard.data.spool import spool_folder
from driftboard.data.spool_recovery import PendingSpool, Recovery, pending_spools, recover_spools
from driftboard.data.store import Store, open_store, open_store_read_only
from driftboard.data.windows import window_start

__all__ = [
    "BatchInfo",
    "LabelResult",
    "LogResult",
    "LoggedRows",
    "LoggerStats",
    "ModelKey",
    "PendingSpool",
    "PredictionBatch",
    "PredictionLogger",
    "Recovery",
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
    "pending_spools",
    "promote_reference",
    "read_batch",
    "recover_spools",
    "register_model",
    "spool_folder",
    "window_start",
]
