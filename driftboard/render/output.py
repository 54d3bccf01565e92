"""Everything that is made of the one configuration, as texts by path: deterministic, without times and machines."""

from driftboard.config import Settings
from driftboard.render.alertmanager import alertmanager_file
from driftboard.render.prometheus import RULES, prometheus_file
from driftboard.render.rules import rules_file


def rendered(settings: Settings) -> dict[str, str]:
    """Return the text of each file, by its path below the folder that it is deployed from.

    Raises
    ------
    ConfigError
        A setting that only counts here is impossible.
    """
    return {
        "prometheus.yml": prometheus_file(settings),
        RULES: rules_file(settings),
        "alertmanager.yml": alertmanager_file(settings),
    }
