"""R8 over HTTP: a full disk is a 503 and a loud /healthz; nothing that was answered is lost, and it recovers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def can_mount() -> bool:
    """Whether a disk of our own can be had here."""
    try:
        return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def fill_and_free(folder: Path, cycles: int) -> tuple[list[dict[str, float]], dict[str, int]]:
    """What each cycle saw, and what was told and is there."""
    disk = folder / "disk"
    disk.mkdir()
    script = f"mount -t tmpfs -o size=6m tmpfs {disk} && exec {sys.executable} -m tests.api.full_disk {disk} {cycles}"
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2_000:]
    *seen, end = [json.loads(line) for line in run.stdout.splitlines()]
    return seen, end


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="a small disk needs root and unshare -m")
def test_twenty_full_disks_lose_nothing_that_was_answered(tmp_path, capsys):
    """Each time it is refused and told, and within five seconds of there being room rows are taken again."""
    seen, end = fill_and_free(tmp_path, 20)
    took, well = (max(each[name] for each in seen) for name in ("took", "well"))
    with capsys.disabled():
        said = f"taken again after at most {took:.2f} s, healthy after {well:.2f} s"
        print(f"\n20 full disks: {said}; told {end['told']}, there {end['there']}")  # noqa: T201 - the figure
    assert len(seen) == 20
    assert all(each["refused"] and not each["healthy"] for each in seen)
    assert max(took, well) <= 5
    assert end["there"] >= end["told"] > 0
