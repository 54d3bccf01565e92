"""A loop that must not end: what fails in it is one line in the log, and is tried again."""

import logging
from collections.abc import Callable

from driftboard.errors import DriftboardError

_logger = logging.getLogger(__name__)


def with_care(what: str, act: Callable[[], object]) -> None:
    """Do something; log in one line that it failed, and why. The line holds no secret and no address."""
    try:
        act()
    except DriftboardError as error:
        _logger.error("%s: %s", what, error)  # noqa: TRY400 - the line says it all
    except Exception as error:  # noqa: BLE001 - nobody would be told of anything any more if the loop ended
        _logger.error("%s: unexpected %s", what, type(error).__name__)  # noqa: TRY400
