"""Everything that is made of the one configuration, as texts by path: deterministic, without times and machines."""

from driftboard.config import Settings
from driftboard.render.alertmanager import alertmanager_file
from driftboard.render.boards import board_files
from driftboard.render.compose import compose_file
from driftboard.render.container import dockerfile
from driftboard.render.kubernetes import kubernetes_files
from driftboard.render.prometheus import RULES, prometheus_file
from driftboard.render.provisioning import dashboards_file, datasources_file
from driftboard.render.readme import readme_file
from driftboard.render.rules import rules_file
from driftboard.render.settings_toml import settings_toml
from driftboard.render.written_yaml import NOTE

_PRIVATE = f"# {NOTE}\n# It may hold secrets of driftboard.\ndriftboard.env\n"
_IGNORED = f"# {NOTE}\n# No secret belongs into a repository.\n*\n!.gitignore\n"


def rendered(settings: Settings) -> dict[str, str]:
    """Return the text of each file, by its path below the folder that it is deployed from.

    Raises
    ------
    ConfigError
        A setting that only counts here is impossible.
    """
    boards, manifests = board_files(settings), kubernetes_files(settings)
    return {
        ".gitignore": _PRIVATE,
        "README.md": readme_file(settings),
        "Dockerfile": dockerfile(),
        "compose.yml": compose_file(settings),
        "driftboard.toml": settings_toml(settings),
        "prometheus.yml": prometheus_file(settings),
        RULES: rules_file(settings),
        "alertmanager.yml": alertmanager_file(settings),
        "grafana/provisioning/datasources/driftboard.yml": datasources_file(settings),
        "grafana/provisioning/dashboards/driftboard.yml": dashboards_file(),
        **{f"grafana/dashboards/{name}": text for name, text in boards.items()},
        **{f"kubernetes/{name}": text for name, text in manifests.items()},
        "secrets/.gitignore": _IGNORED,
    }
