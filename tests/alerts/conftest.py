"""Fixtures of the alert tests; `store` is the one of all rooms, on both engines."""

import pytest
import trustme

from tests.alerts.fakes import fake_https


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
    """Yield a server that plays Slack, PagerDuty and a webhook; the secrets are in the environment."""
    del trusted
    with fake_https(authority) as fake:
        monkeypatch.setenv("SLACK_URL", fake.url)
        monkeypatch.setenv("HOOK_URL", fake.hook_url)
        monkeypatch.setenv("PAGER_KEY", "canary-5f1c-secret-key")
        yield fake
