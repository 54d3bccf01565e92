"""What the routes of one app share: the log, the settings, and the parts that live as long as the app does."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from driftboard.api.gate import Gate
from driftboard.api.keyring import Keyring
from driftboard.api.pulse import Pulse
from driftboard.api.writer import Writer
from driftboard.config import Settings
from driftboard.data import Store
from driftboard.data.privacy import Privacy
from driftboard.exporter import Exporter


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an app.

    Attributes
    ----------
    writer
        The one thread that writes what comes in.
    gate
        How much each key may ask for.
    privacy
        What becomes of features before they are stored.
    pulse
        Says that this process is at work, and what it uses.
    """

    store: Store
    settings: Settings
    writer: Writer
    exporter: Exporter
    gate: Gate
    keyring: Keyring
    pulse: Pulse
    privacy: Privacy


def parts(request: HTTPConnection) -> Parts:
    """Return the parts of the app that a request came to."""
    found: Parts = request.app.state.service
    return found
