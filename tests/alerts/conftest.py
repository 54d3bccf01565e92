"""Fixtures of the alert tests."""

import pytest
import trustme

from driftboard.config import Settings
from tests.alerts.fakes import SmallStore, fake_slack


@pytest.fixture
def store(tmp_path):
    """Yield an empty store."""
    store = SmallStore(tmp_path / "log.sqlite")
    yield store
    store.engine.dispose()


@pytest.fixture
def model_id(store):
    """Return the id of one model."""
    return store.add_model()


@pytest.fixture(scope="session")
def authority():
    """Return the certificate authority our programs are told to trust."""
    return trustme.CA()


@pytest.fixture(scope="session")
def evil_authority():
    """Return a certificate authority nobody trusts."""
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    """Trust the authority, by the way an operator would."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.fixture
def slack(authority, trusted, monkeypatch):
    """Yield a server that plays Slack; the secret is in the environment."""
    del trusted
    with fake_slack(authority) as fake:
        monkeypatch.setenv("SLACK_URL", fake.url)
        yield fake


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Return a function that makes settings with the given alert section."""
    monkeypatch.chdir(tmp_path)

    def make(**alerts: object):
        slack = {"webhook_url": "env:SLACK_URL", "allow_hosts": ("localhost",)}
        return Settings(alerts={"dry_run": False, "slack": slack} | alerts)

    return make
