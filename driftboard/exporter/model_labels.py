"""By which labels a model is known to Prometheus."""

from driftboard.data.catalog import Model

NO_MODEL = ("", "", "")
"""Of what has these labels and belongs to no model: Prometheus takes an empty label for none."""


def labels_of(model: Model) -> tuple[str, str, str]:
    """Return the values of `families.MODEL`."""
    return model.key.name, model.key.version, model.key.environment
