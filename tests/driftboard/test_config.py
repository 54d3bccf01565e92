"""The configuration: safe by default, and a mistake is named."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from driftboard.config import load_settings, resolve_secret
from driftboard.errors import ConfigError


def written(folder: Path, content: str) -> Path:
    """A configuration file."""
    file = folder / "driftboard.toml"
    file.write_text(content)
    return file


def test_the_defaults_are_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback, a dry run, a database in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert (settings.dashboard.host, settings.alerts.dry_run) == ("127.0.0.1", True)
    assert settings.store.path == tmp_path / "driftboard-data" / "driftboard.sqlite"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the file over the defaults."""
    file = written(tmp_path, "[monitors.classic]\npsi_warning = 0.3\npsi_critical = 0.4\n")
    monkeypatch.setenv("DRIFTBOARD_MONITORS__CLASSIC__PSI_CRITICAL", "0.5")
    classic = load_settings(file).monitors.classic
    assert (classic.psi_warning, classic.psi_critical) == (0.3, 0.5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[alerts]\ndryrun = false", "unknown setting 'alerts.dryrun': did you mean 'dry_run'?"),
        ("[alert]\ndry_run = false", "unknown setting 'alert': did you mean 'alerts'?"),
        ("[monitors]\nzzz = 1", "unknown setting 'monitors.zzz': known here: "),
        ("[monitors.classic]\nks_alpha = 2", "setting monitors.classic.ks_alpha: Input should be less than 1"),
        ("[monitors]\nks_alpha = 0.1", "unknown setting 'monitors.ks_alpha': did you mean 'classic.ks_alpha'?"),
        ("[monitors.classic]\nks_alfa = 1", "unknown setting 'monitors.classic.ks_alfa': did you mean 'ks_alpha'?"),
        ("[monitors]\nfalse_page = '1 per month'", "did you mean 'false_pages'?"),
        ("[monitors]\nfalse_pages = 'seldom'", "setting monitors.false_pages: 'seldom' is no budget"),
        ("[monitors]\nseason = 'month'", "setting monitors.season: Input should be 'none', 'weekday', 'hour' or"),
        ("[monitors", "driftboard.toml: "),
    ],
)
def test_a_mistake_is_one_line_that_names_it(tmp_path: Path, content: str, message: str) -> None:
    """With the nearest key for a typing mistake."""
    with pytest.raises(ConfigError) as error:
        load_settings(written(tmp_path, content))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


TEAM = "[alerts.channels.team]\ntype = 'slack'\nwebhook_url = 'env:X'\n"
MAIL = "[alerts.channels.mail]\ntype = 'email'\nhost = 'relay'\nsender = 'a@b.c'\nrecipients = ['d@e.f']\n"
PAGER = "[alerts.channels.pager]\ntype = 'pagerduty'\nrouting_key = 'env:X'\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (TEAM + "webhook = 1", "unknown setting 'alerts.channels.team.webhook': did you mean 'webhook_url'?"),
        (
            "[alerts.channels.team]\ntype = 'slack'\nurl = 'env:X'",
            "unknown setting 'alerts.channels.team.url': did you",
        ),
        ("[alerts.channels.team]\ntype = 'slack'", "setting alerts.channels.team.webhook_url: Field required"),
        (
            "[alerts.channels.team]\ntype = 'slak'",
            "setting alerts.channels.team.type: there is no 'slak': did you mean",
        ),
        ("[alerts.channels.team]\nwebhook_url = 'env:X'", "setting alerts.channels.team.type: Field required"),
        (
            TEAM + "min_severity = 'error'",
            "setting alerts.channels.team.min_severity: Input should be 'info', 'warning'",
        ),
        (TEAM + "fallback = 'team'", "setting alerts: channel 'team' cannot stand in for itself"),
        (TEAM + "fallback = 'tem'", "setting alerts: no channel is called 'tem': did you mean 'team'?"),
        (TEAM + "allow_hosts = ['https://x']", "setting alerts.channels.team.allow_hosts[0]: write a host as in"),
        (MAIL + "username = 'u'", "setting alerts.channels.mail: username and password go together"),
        (MAIL + "username = 'u'\npassword = 'env:X'\ntls = 'none'", "a password is only ever sent over TLS"),
        (MAIL.replace("relay", "smtp://relay"), "setting alerts.channels.mail.host: write a host as in"),
        (
            MAIL.replace("d@e.f", "d@e.f\\u000aBcc: x@y.z").replace("'", '"'),
            "setting alerts.channels.mail.recipients[0]: ",
        ),
        (PAGER + "url = 'file:///etc/passwd'", "setting alerts.channels.pager.url: this is no web address"),
        (PAGER + "url = 'http://relay'", "setting alerts.channels.pager.url: this is no web address"),
        (
            "[alerts.rules.feature_drft]\nenabled = false",
            "no rule is called 'feature_drft': did you mean 'feature_drift'?",
        ),
        (
            "[alerts.rules.schema]\nfor_window = 3",
            "unknown setting 'alerts.rules.schema.for_window': did you mean 'for_",
        ),
        ("[alerts.rules.schema]\nseverity = 'error'", "setting alerts.rules.schema.severity: Input should be 'info', "),
        ("[[alerts.routes]]\nchannels = ['tem']", "setting alerts: no channel is called 'tem': known: none"),
        (
            "[[alerts.routes]]\nchannels = []\nmatch = { modle = 'x' }",
            "unknown setting 'alerts.routes[0].match.modle': did",
        ),
        (
            "[[alerts.routes]]\nchannels = []\nmatch = { rule = 'schem' }",
            "setting alerts.routes[0].match.rule: no rule is",
        ),
        ("[[alerts.inhibit]]\nsource = 'schma'\ntargets = []", "setting alerts.inhibit[0].source: no rule is called"),
        ("[alerts]\ngroup_wait = '30 sec'", "setting alerts.group_wait: '30 sec' is no length of time"),
        ("[alerts]\nrepeat_interval = '0s'", "setting alerts.repeat_interval: at least 1m"),
        (
            "[[alerts.escalation]]\nafter = '30m'\n[[alerts.escalation]]\nafter = '15m'",
            "setting alerts.escalation: each ",
        ),
        ("[alerts.quiet_hours]\nstart = '22:00Z'\nend = '07:00'", "setting alerts.quiet_hours.start: write 22:00 here"),
        (
            "[alerts.digest]\ntimezone = 'Europe/Berln'",
            "setting alerts.digest.timezone: 'Europe/Berln' is no time zone",
        ),
    ],
)
def test_a_mistake_in_the_policy_is_found_at_start(tmp_path: Path, content: str, message: str) -> None:
    """A16, A17, A24, A26 to A28: not when the first page should leave; and no internals of pydantic are shown."""
    with pytest.raises(ConfigError) as error:
        load_settings(written(tmp_path, content))
    assert message in str(error.value)
    assert not any(each in str(error.value) for each in ("\n", "Value error", "[key]", ".slack."))


@pytest.mark.parametrize(
    "content",
    [
        "[alerts.channels.x]\ntype = 'slack'\nwebhook_url = 'https://hooks.slack.com/services/hunter2'",
        "[alerts.channels.x]\ntype = 'pagerduty'\nrouting_key = 'hunter2'",
        "[alerts.channels.x]\ntype = 'webhook'\nurl = 'env:X'\nsigning_key = 'hunter2'",
        "[alerts.channels.x]\ntype = 'apprise'\nurl = 'mailto://u:hunter2@x'",
        "[alerts.channels.x]\ntype = 'alertmanager'\nurls = ['http://u:hunter2@x']",
        f"{MAIL}username = 'u'\npassword = 'hunter2'",
        "[alerts]\nheartbeat_url = 'https://hc/hunter2'",
    ],
)
def test_a_secret_written_out_is_refused_and_not_repeated(tmp_path: Path, content: str) -> None:
    """A24, A25: the file says where a secret is, and the error does not say what it was."""
    with pytest.raises(ConfigError) as error:
        load_settings(written(tmp_path, content))
    assert "hunter2" not in str(error.value)


def test_a_complete_policy_is_read(tmp_path: Path) -> None:
    """Channels of several kinds, routes, rules, quiet hours and a digest."""
    more = "[[alerts.routes]]\nchannels = ['mail', 'pager']\nmatch = { rule = '*_decay', severity = 'critical' }\n"
    rules = "[alerts.rules.feature_drift]\ngroup = 'subject'\n[alerts.quiet_hours]\nstart = '22:00'\nend = '07:00'\n"
    alerts = load_settings(written(tmp_path, TEAM + MAIL + PAGER + more + rules)).alerts
    assert list(alerts.channels) == ["team", "mail", "pager"]
    assert (alerts.rule("feature_drift").group, alerts.rule("schema").group) == ("subject", "model")


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Silence would mean defaults that nobody chose."""
    with pytest.raises(ConfigError, match="no configuration file at"):
        load_settings(tmp_path / "nowhere.toml")


def test_a_database_outside_its_folder_is_refused(tmp_path: Path) -> None:
    """S6: by dots or by a symbolic link."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(tmp_path)
    for database in ("../elsewhere.sqlite", "/etc/passwd", "link/elsewhere.sqlite"):
        settings = load_settings(store={"data_dir": tmp_path / "data", "database": database})
        with pytest.raises(ConfigError, match="lies outside"):
            _ = settings.store.path


def test_a_secret_is_only_ever_a_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A25: neither the settings' repr nor an error shows it."""
    (tmp_path / "secret").write_text("hunter2\n")
    monkeypatch.setenv("HOOK", "hunter2")
    assert resolve_secret(SecretStr("env:HOOK")) == resolve_secret(SecretStr(f"file:{tmp_path}/secret")) == "hunter2"
    for reference in ("hunter2", "env:NOT_SET", "file:/not/there"):
        with pytest.raises(ConfigError) as error:
            resolve_secret(SecretStr(reference))
        assert "hunter2" not in str(error.value)
    settings = load_settings(alerts={"channels": {"team": {"type": "slack", "webhook_url": "file:/run/hunter2"}}})
    assert "hunter2" not in repr(settings)


def test_the_log_may_be_on_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given without a password, or by reference; a file otherwise."""
    whole = "postgresql://monitor:hunter2@db/log"
    (tmp_path / "url").write_text(f"{whole}\n")
    monkeypatch.setenv("LOG_URL", whole)
    plain = "postgresql://monitor@db:5432/log?sslmode=verify-full"
    assert load_settings(store={"url": plain}).store.location == plain
    for reference in ("env:LOG_URL", f"file:{tmp_path}/url"):
        settings = load_settings(store={"url": reference})
        assert settings.store.location == whole
        assert "hunter2" not in repr(settings) + settings.model_dump_json()
    assert load_settings(store={"data_dir": tmp_path}).store.location == tmp_path / "driftboard.sqlite"


@pytest.mark.parametrize(
    "url",
    ["postgresql://monitor:hunter2@db/log", "postgresql://db/log?password=hunter2", "mysql://db/hunter2", "hunter2"],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    """A25: the configuration file is read by more eyes than the secret is meant for."""
    with pytest.raises(ConfigError, match=r"setting store\.url: .*env:NAME or file:PATH") as error:
        load_settings(store={"url": url})
    assert "hunter2" not in str(error.value)
