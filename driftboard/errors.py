"""What can go wrong, said in one line that tells the user what to do.

::

    DriftboardError
    ├── ConfigError          a setting is missing, unknown or impossible
    ├── StoreError           the database cannot be opened, read or written
    │   ├── UnknownModel     no model of that name, version and environment
    │   ├── UnknownBatch     no batch of that id
    │   ├── UnknownIncident  no incident or silence of that id
    │   ├── UnknownReview    no prediction of that id in the review queue
    │   └── PurgedBatch      its raw rows are gone (retention); its reports stay
    ├── BadBatch             predictions that cannot be stored as given
    ├── LabelMismatch        labels that do not fit the predictions they are for
    └── ChannelError         a notification was not delivered (permanent or worth a retry)
"""

SHOW_TRACEBACK = "DRIFTBOARD_TRACEBACK"
"""With this environment variable set an unexpected error is raised, for a developer to see where it came from."""


class DriftboardError(Exception):
    """The root: its text is one line, fit to be shown to a user."""


class ConfigError(DriftboardError):
    """A setting is missing, unknown or impossible."""


class StoreError(DriftboardError):
    """The database cannot be opened, read or written."""


class UnknownModel(StoreError):  # noqa: N818 - reads as what it is, as KeyError's cousins do
    """No model of that name, version and environment is registered."""


class UnknownBatch(StoreError):  # noqa: N818
    """The model has no batch of that id."""


class UnknownIncident(StoreError):  # noqa: N818
    """There is no incident, silence or evidence of that id."""


class UnknownReview(StoreError):  # noqa: N818
    """No prediction of that id is in the review queue."""


class PurgedBatch(StoreError):  # noqa: N818
    """The raw rows of the batch were purged; its reports and counts stay."""


class BadBatch(DriftboardError):  # noqa: N818
    """A batch of predictions cannot be stored as given."""


class LabelMismatch(DriftboardError):  # noqa: N818
    """Labels do not fit the predictions they are meant for."""


class ChannelError(DriftboardError):
    """A message was not delivered.

    Attributes
    ----------
    permanent
        True when trying again cannot help (a revoked webhook, a refused recipient).
    retry_after
        Seconds the other side asked us to wait, when it did.
    status
        The answer's code (HTTP or SMTP), when there was one.
    unknown
        True when the message may have arrived all the same: it was sent, and no answer came.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        retry_after: float | None = None,
        status: int | None = None,
        unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.status = status
        self.unknown = unknown
