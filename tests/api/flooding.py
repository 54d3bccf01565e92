"""A flood of requests from a process of its own, so that nobody else's times are measured in it."""

import json
import sys
from collections import Counter

from tests.api.pacing import LIMIT_A_SECOND, Client

CONNECTIONS = 10


def main() -> None:
    """Ask ten times the limit over ten connections; print what was answered how often."""
    url, key, start = sys.argv[1], sys.argv[2], int(sys.argv[3])
    clients = [Client(url, key, a_second=LIMIT_A_SECOND, start=start + 10**7 * each) for each in range(CONNECTIONS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    told = Counter(status for each in clients for status, *_ in each.answers)
    waits = [int(after or 0) for each in clients for status, _, after in each.answers if status == 429]
    print(json.dumps({"told": told, "least_wait": min(waits, default=0)}))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
