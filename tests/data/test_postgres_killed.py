"""R17: the server is killed under load, three times; nothing acknowledged is lost, nothing is stored twice."""

import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from driftboard.data import ModelKey, open_store, register_model
from tests.postgres_server import PostgresServer

WRITERS = 8
ROWS = 20
KEY = ModelKey("m")
WRITER = """
import signal, sys, time
from driftboard.data import ModelKey, PredictionBatch, log_predictions, open_store
from driftboard.errors import StoreError
from sqlalchemy import text
url, writer, unsafe, told = sys.argv[1], sys.argv[2], sys.argv[3] == "unsafe", []
signal.signal(signal.SIGTERM, lambda *_: told.append("stop"))
with open_store(url) as store:
    if unsafe:
        with store.write() as connection:
            connection.execute(text("SET synchronous_commit = off"))
    number = 0
    while not told:
        ids = [f"{writer}-{number}-{row}" for row in range(20)]
        columns = dict(features={"x": [1.5] * 20}, predicted=["yes"] * 20, labels=["yes"] * 20, prediction_ids=ids)
        batch = PredictionBatch(model=ModelKey("m"), batch_id=number % 5, **columns)
        try:
            log_predictions(store, batch)
        except StoreError as error:
            assert "\\n" not in str(error), error
            if unsafe:
                break
            time.sleep(0.1)
        else:
            print(f"{writer}-{number}", flush=True)
            number += 1
"""


def lost_and_doubled(server: PostgresServer, *, writers: int, kills: int, mode: str) -> tuple[int, int, int]:
    """Write while the server is killed again and again; return acknowledged, lost and doubled rows."""
    url = server.new_database()
    with open_store(url) as store:
        register_model(store, KEY)
    commands = [[sys.executable, "-c", WRITER, url, str(number), mode] for number in range(writers)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    outputs = [[process.stdout.readline().strip()] for process in processes if process.stdout]  # all of them write
    for _ in range(kills):
        time.sleep(2.5)
        server.kill()
        server.start()
    time.sleep(2)
    for process, output in zip(processes, outputs, strict=True):
        process.terminate()
        output.extend(process.communicate()[0].split())
    assert [process.returncode for process in processes] == [0] * writers
    acknowledged = {f"{batch}-{row}" for output in outputs for batch in output for row in range(ROWS)}
    with open_store(url) as store, store.read() as connection:
        stored = set(connection.execute(text("SELECT prediction_id FROM predictions")).scalars())
        counted = (
            "SELECT sum(n_rows) FROM blocks",
            "SELECT sum(n_predictions) FROM batches",
            "SELECT count(*) FROM labels",
        )
        counts = [int(connection.execute(text(query)).scalar_one() or 0) for query in counted]
    return len(acknowledged), len(acknowledged - stored), max(counts) - len(stored)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_doubled(server: PostgresServer) -> None:
    """Eight writers that log again what was not acknowledged, three kills of the postmaster."""
    acknowledged, lost, doubled = lost_and_doubled(server, writers=WRITERS, kills=3, mode="safe")
    assert (lost, doubled) == (0, 0)
    assert acknowledged > WRITERS * ROWS, acknowledged


@pytest.mark.slow
def test_commits_that_are_not_on_disk_would_be_lost(server: PostgresServer) -> None:
    """The negative control: what `synchronous_commit = on` is for."""
    server.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    server.execute("SELECT pg_reload_conf()")
    assert any(lost_and_doubled(server, writers=2, kills=1, mode="unsafe")[1] for _ in range(3))
