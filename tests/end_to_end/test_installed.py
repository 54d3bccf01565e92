"""The wheel, in a clean virtual environment, beside a service that has folders of our names."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE = """
import data, monitors  # the service's own
from driftboard.data import ModelKey, PredictionBatch, log_predictions, open_store, register_model
store = open_store("log.sqlite")
register_model(store, ModelKey("m"))
result = log_predictions(store, PredictionBatch(ModelKey("m"), 1, {"x": [1.0]}, ["a"]))
print(data.MINE, monitors.MINE, result.accepted)
"""


@pytest.mark.slow
def test_the_wheel_serves_an_inference_service(tmp_path: Path) -> None:
    """E9: nothing but `driftboard` lands in site-packages, and the core needs no Streamlit, pandas or SciPy."""
    python = tmp_path / "venv" / "bin" / "python"
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("driftboard-*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", str(wheel)], check=True)
    for folder in ("data", "monitors"):
        (tmp_path / "service" / folder).mkdir(parents=True)
        (tmp_path / "service" / folder / "__init__.py").write_text(f"MINE = '{folder}'")
    (tmp_path / "service" / "serve.py").write_text(SERVICE)
    run = subprocess.run(
        [str(python), "serve.py"], cwd=tmp_path / "service", capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["data", "monitors", "1"]
    installed = subprocess.run([str(python), "-m", "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert not {"streamlit", "pandas", "scipy", "scikit-learn"} & set(installed.lower().split())
    packages = {path.name for path in python.parent.parent.glob("lib/python*/site-packages/*") if path.is_dir()}
    assert not {"data", "monitors", "alerts", "dashboard"} & packages
