"""What the documents show is what the project does."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from driftboard.config import load_settings
from driftboard.data import ModelKey, list_models, open_store
from driftboard.data.service import services_ever
from driftboard.data.service_counts import ServiceCounts

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "docs" / "service.md"


def examples(language: str, document: Path = ROOT / "README.md") -> list[str]:
    """A document's code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", document.read_text(), flags=re.DOTALL)


def test_the_python_examples_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader may paste them one after the other."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for example in examples("python"):
        exec(compile(example, "README.md", "exec"), names)  # noqa: S102 - our own document
    store = names["store"]
    assert (tmp_path / "driftboard-data" / "driftboard.sqlite").is_file()
    store.close()  # type: ignore[attr-defined]


def test_the_examples_of_the_service_side_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order; the instrumented application answers, and its request is counted."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for example in examples("python", SERVICE):
        exec(compile(example, "service.md", "exec"), names)  # noqa: S102 - our own document
    with TestClient(names["app"]) as client:
        assert client.post("/score", json={"amount": 5}).json() == {"fraud": False}
        assert client.post("/score", json={}).status_code == 422
    names["service"].close()
    with open_store(tmp_path / "driftboard-data" / "driftboard.sqlite") as store, store.read() as connection:
        requests = {key.name: ever for key, ever in _requests(connection).items()}
    assert (requests["churn"].success, requests["fraud"].success, requests["fraud"].rejected) == (1, 1, 1)


def _requests(connection: Connection) -> dict[ModelKey, ServiceCounts]:
    ever = services_ever(connection)
    counted = {model.key: ever[model.model_id][0] for model in list_models(connection)}
    return {key: counts for key, counts in counted.items() if counts is not None}


def test_the_configuration_of_the_service_side_is_valid(tmp_path: Path) -> None:
    """Every key is known, and they may stand in one file."""
    file = tmp_path / "driftboard.toml"
    file.write_text("\n".join(examples("toml", SERVICE)))
    settings = load_settings(file)
    assert settings.slo.of("churn", "churn:3@production").accuracy is None
    assert settings.schedule.judge == "0 */6 * * *"


def test_the_configuration_examples_are_valid(tmp_path: Path) -> None:
    """Every key is known, and they may stand in one file."""
    file = tmp_path / "driftboard.toml"
    file.write_text("\n".join(examples("toml")))
    settings = load_settings(file)
    assert settings.monitors.alpha() == 1 / 2000
    assert not settings.alerts.dry_run
    assert set(settings.alerts.channels) == {"team", "oncall"}


def test_every_relative_link_leads_somewhere() -> None:
    """In every document at the top, and in the decisions."""
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_package_is_listed_for_installation() -> None:
    """A new folder that pyproject does not name would be missing from the wheel."""
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    rooms = ("data", "monitors", "alerts", "dashboard")
    folders = {init.parent for room in (*rooms, "driftboard") for init in (ROOT / room).rglob("__init__.py")}
    found = {
        ".".join(folder.relative_to(ROOT).parts)
        for folder in folders
        if not any(part.is_symlink() for part in (folder, *folder.parents))
    }
    assert {name if name.startswith("driftboard") else f"driftboard.{name}" for name in found} == listed
