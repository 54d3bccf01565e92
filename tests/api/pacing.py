"""A client that sends predictions at an even pace."""

import http.client
import threading
import time
from urllib.parse import urlsplit

import orjson

from tests.api.test_serve import rows

LIMIT_A_SECOND = 20
SECONDS = 12.0


class Client(threading.Thread):
    """Sends predictions at an even pace over one connection, and keeps status and seconds of each answer."""

    def __init__(self, url: str, key: str, *, a_second: float, start: int) -> None:
        super().__init__()
        self.answers: list[tuple[int, float, str | None]] = []
        self._place = urlsplit(url).netloc
        self._key = key
        self._pause = 1 / a_second
        self._start = start

    def run(self) -> None:
        """Send until the time is over."""
        connection = http.client.HTTPConnection(self._place, timeout=30)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        end = time.monotonic() + SECONDS
        number = self._start
        while (began := time.monotonic()) < end:
            connection.request("POST", "/v1/predictions", orjson.dumps(rows(number, 5)), headers)
            answer = connection.getresponse()
            answer.read()
            self.answers.append((answer.status, time.monotonic() - began, answer.headers["Retry-After"]))
            number += 5
            time.sleep(max(0.0, began + self._pause - time.monotonic()))
        connection.close()
