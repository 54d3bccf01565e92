"""How driftboard runs in a container, whoever starts it: image, settings, how it is asked whether it is well."""

from driftboard.config import Settings
from driftboard.render.written_yaml import NOTE

DATA = "/data"
CONFIG = "/etc/driftboard/driftboard.toml"
USER = 10001
ALIVE, READY = "/healthz", "/readyz"

_DOCKERFILE = f"""\
# {NOTE}
# Built from a checkout of driftboard: docker compose build
FROM python:3.11-slim-bookworm
RUN useradd --uid {USER} --create-home driftboard && install -d -o driftboard -g driftboard -m 0700 {DATA}
COPY . /src
RUN pip install --no-cache-dir "/src[server,postgres,apprise]" && rm -rf /src
USER driftboard
WORKDIR {DATA}
EXPOSE 8501 8502
ENTRYPOINT ["driftboard"]
CMD ["up"]
"""


def dockerfile() -> str:
    """Return the text of `Dockerfile`."""
    return _DOCKERFILE


def environment() -> dict[str, str]:
    """Return what is different in a container.

    It listens on every address, of which only loopback is published, or the cluster sees: the API needs a key then,
    and the dashboard, which has no log-in, is for an authenticating proxy or a tunnel.
    """
    return {
        "DRIFTBOARD_STORE__DATA_DIR": DATA,
        "DRIFTBOARD_API__HOST": "0.0.0.0",  # noqa: S104 - inside the container
        "DRIFTBOARD_DASHBOARD__HOST": "0.0.0.0",  # noqa: S104
        "DRIFTBOARD_DASHBOARD__BEHIND_PROXY": "true",
    }


def command() -> list[str]:
    """Return what the container runs."""
    return ["--config", CONFIG, "up"]


def ports(settings: Settings) -> dict[str, int]:
    """Return what it listens on, by name."""
    return {"dashboard": settings.dashboard.port, "api": settings.api.port}


def health_check(settings: Settings) -> list[str]:
    """Return the command that says whether it is alive."""
    url = f"http://127.0.0.1:{settings.api.port}{ALIVE}"
    return ["CMD", "python", "-c", f"import urllib.request; urllib.request.urlopen('{url}', timeout=5)"]
