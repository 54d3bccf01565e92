"""A PostgreSQL server of the tests' own: Debian's, on a spare loopback port, as an unprivileged user."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg

BINARIES = Path("/usr/lib/postgresql")
START_SECONDS = 60.0
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of random name is made there
MEMORY_NEEDED = 2**30


def binaries() -> Path | None:
    """Return the folder of the newest installed server, if there is one."""
    found = sorted(BINARIES.glob("*/bin/postgres"), key=lambda file: int(file.parent.parent.name))
    return found[-1].parent if found else None


class PostgresServer:
    """A server in a folder of its own.

    Parameters
    ----------
    durable
        Everything it may lose in a crash it may lose here too: fsync is on. Not so for tests in which nothing crashes:
        in memory a new database takes a fifth of the time.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable
        self._databases = 0
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])

    def url(self, database: str) -> str:
        """Return the connection string of a database."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def initialise(self) -> Self:
        """Make the cluster."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        command = [*self._as("initdb"), "-D", str(self._folder / "data"), "-A", "trust", "-U", "postgres"]
        subprocess.run([*command, "-E", "UTF8", "--locale=C", "--no-sync"], check=True, stdout=subprocess.DEVNULL)
        return self

    def start(self) -> None:
        """Start it, and wait until it answers; after a crash it may need some tries until the old memory is free."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                self._process = self._launch()
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError((self._folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill the postmaster; its children notice and go."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Stop it, if it runs: in order, or at once where nobody will read its files again."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT if self._durable else signal.SIGQUIT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()

    def new_database(self, template: str = "template1") -> str:
        """Create a database and return its connection string."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def require_password(self, user: str) -> None:
        """Create a user who needs a password, unlike everybody else here."""
        self.execute(f"CREATE USER {user} PASSWORD 'another'")
        rules = self._folder / "data" / "pg_hba.conf"
        rules.write_text(f"host all {user} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        self.execute("SELECT pg_reload_conf()")

    def execute(self, statement: str) -> None:
        """Run a statement outside any transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _launch(self) -> "subprocess.Popen[bytes]":
        options: dict[str, object] = {"port": self._port, "listen_addresses": "127.0.0.1"}
        options["unix_socket_directories"] = self._folder
        if not self._durable:
            options |= dict.fromkeys(("fsync", "full_page_writes"), "off")
        settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*self._as("postgres"), "-D", str(self._folder / "data"), *settings], stdout=log, stderr=log
            )

    def _as(self, program: str) -> list[str]:
        folder = binaries()
        assert folder is not None
        follow = ["setpriv", "--pdeathsig=INT"]  # should the tests be killed, the server goes too
        unprivileged = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        return [*follow, *unprivileged, str(folder / program)]


def reason_against() -> str | None:
    """Return why there can be no server here, or None."""
    if binaries() is None:
        return "no PostgreSQL under /usr/lib/postgresql: apt-get install postgresql"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "PostgreSQL does not run as root, and there is no user postgres"
    return None


def new_folder(*, durable: bool = True) -> Path:
    """Return a new folder that an unprivileged user can reach, as pytest's own cannot be; in memory unless durable."""
    in_memory = not durable and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    return Path(tempfile.mkdtemp(prefix="driftboard-postgres-", dir=MEMORY if in_memory else "/tmp"))  # noqa: S108
