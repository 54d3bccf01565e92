"""Upgrades of several logs in one process."""

import threading
from pathlib import Path

from driftboard.data import open_store


def test_logs_are_upgraded_side_by_side(tmp_path: Path) -> None:
    """Six threads each make a log of their own at once: alembic knows one upgrade at a time, and nobody notices."""
    failures: list[BaseException] = []

    def make(number: int) -> None:
        try:
            open_store(tmp_path / f"{number}.sqlite").close()
        except BaseException as error:  # noqa: BLE001 - of a thread, to be told by the test
            failures.append(error)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
