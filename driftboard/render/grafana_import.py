"""Posts dashboards to a Grafana: one request each, no redirects, ten seconds, a token that nobody sees."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from driftboard.errors import ConfigError

DEADLINE = 10.0
_PATH = "/api/dashboards/db"
_MOST = 1 << 16
_SAID = {
    401: "the token is not accepted: make one for a service account that may edit dashboards",
    403: "the token may not write dashboards: its service account has to be an editor",
    404: "there is no Grafana at this address: write it as in https://grafana.example, without a path of a dashboard",
    412: "a dashboard of that uid or title is there, and not ours",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of one dashboard; `problem` is empty when it is there."""

    title: str
    address: str
    problem: str = ""


def import_dashboards(boards: Mapping[str, str], url: str, token: str) -> Iterator[Imported]:
    """Post each dashboard's JSON, replacing the one of the same uid; yield what came of each.

    Parameters
    ----------
    url
        Of Grafana, without the path of its API.
    token
        Of a service account that may edit; sent as a header to this address only, and never shown.

    Raises
    ------
    ConfigError
        The address or the token cannot be used.
    """
    base = _base(url)
    if not token.isprintable() or not token.isascii():
        raise ConfigError("the Grafana token holds characters that no token has")
    for text in boards.values():
        yield _post(json.loads(text), base, token)


def _base(url: str) -> str:
    """The address, once it is plain; an error does not hold it, since people put passwords into addresses."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or parts.username is not None or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise ConfigError("this is no address of a Grafana: write it as in https://grafana.example:3000")
    return url.rstrip("/")


def _post(board: dict[str, Any], base: str, token: str) -> Imported:
    body = json.dumps({"dashboard": board | {"id": None}, "overwrite": True, "message": "driftboard config"}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(base + _PATH, data=body, headers=headers, method="POST")  # noqa: S310 - http(s), see _base
    title = str(board["title"])
    try:
        with _OPENER.open(request, timeout=DEADLINE) as answer:
            return Imported(title, base + _path_of(answer.read(_MOST)))
    except urllib.error.HTTPError as error:
        error.close()
        return Imported(title, base, _refusal(error.code))
    except (OSError, HTTPException, ValueError) as error:
        return Imported(title, base, f"no answer: {_reason(error)}")


def _path_of(answer: bytes) -> str:
    """Where Grafana says that the dashboard is; only if it is a plain path."""
    path = json.loads(answer).get("url", "")
    return path if isinstance(path, str) and path.startswith("/") and path.isprintable() else ""


def _refusal(code: int) -> str:
    if code in range(300, 400):
        return f"it redirects ({code}), which is not followed: write the address it is really at"
    return _SAID.get(code) or f"Grafana answered {code}"


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or type(reason).__name__


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that was named and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nowhere: the answer is an error then."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
