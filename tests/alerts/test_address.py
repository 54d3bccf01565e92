"""Which addresses messages may be sent to."""

import pytest

from driftboard.alerts.channels.address import checked, parse, parse_inside
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.trial import try_channel
from driftboard.errors import ChannelError, ConfigError
from tests.alerts.fakes import CANARY
from tests.alerts.incidents import NOW, SLACK, alert_settings

HOOKS = "hooks.slack.com"
SECRET = f"services/{CANARY}"

HOSTILE_URLS = [
    "",
    CANARY,
    f"http://{HOOKS}/{SECRET}",
    f"{HOOKS}/{SECRET}",
    f"//{HOOKS}/{SECRET}",
    f"https:/{HOOKS}/{SECRET}",
    f"https:///{SECRET}",
    f"https:{HOOKS}/{SECRET}",
    f"ftp://{HOOKS}/{SECRET}",
    f"gopher://{HOOKS}:443/_{SECRET}",
    f"file:///etc/{CANARY}",
    f"file://{HOOKS}/{SECRET}",
    f"javascript://{HOOKS}/{SECRET}",
    f"data:text/plain,{CANARY}",
    f"ws://{HOOKS}/{SECRET}",
    f"wss://{HOOKS}/{SECRET}",
    f"dict://{HOOKS}:11211/{SECRET}",
    f"unix:///var/run/{CANARY}",
    f"https+unix://{HOOKS}/{SECRET}",
    f" https://{HOOKS}/{SECRET}",
    f"https://{HOOKS}/{SECRET} ",
    f"https://{HOOKS}/{SECRET} x",
    f"https://{HOOKS}/{SECRET}\r\nHost: evil",
    f"https://{HOOKS}/{SECRET}\n",
    f"https://{HOOKS}\t/{SECRET}",
    f"https://{HOOKS}\0/{SECRET}",
    f"https://ho\noks.slack.com/{SECRET}",
    f"https://evil.example/{SECRET}",
    f"https://{HOOKS}.evil.example/{SECRET}",
    f"https://evil.example#{HOOKS}/{SECRET}",
    f"https://evil.example?{HOOKS}/{SECRET}",
    f"https://evil.example/{HOOKS}/{SECRET}",
    f"https://{HOOKS}@evil.example/{SECRET}",
    f"https://user:pass@{HOOKS}/{SECRET}",
    f"https://user@{HOOKS}/{SECRET}",
    f"https://@{HOOKS}/{SECRET}",
    f"https://{HOOKS}:@evil.example/{SECRET}",
    f"https://{HOOKS}\\@evil.example/{SECRET}",
    f"https://evil.example\\.{HOOKS}/{SECRET}",
    f"https://{HOOKS}%2f@evil.example/{SECRET}",
    f"https://{HOOKS}%00.evil.example/{SECRET}",
    f"https://{HOOKS}%0d%0a/{SECRET}",
    f"https://{HOOKS}./{SECRET}",
    f"https://.{HOOKS}/{SECRET}",
    f"https://x{HOOKS}/{SECRET}",
    f"https://x.{HOOKS}/{SECRET}",
    f"https://slack.com/{SECRET}",
    f"https://hooks-slack.com/{SECRET}",
    f"https://hooks.slack.co/{SECRET}",
    f"https://hooks.sl\u0430ck.com/{SECRET}",
    f"https://hooks.slac\u212a.com/{SECRET}",
    f"https://hooks\u3002slack\u3002com/{SECRET}",
    f"https://xn--hooks-slack.com/{SECRET}",
    f"https://{HOOKS}:8443/{SECRET}",
    f"https://{HOOKS}:80/{SECRET}",
    f"https://{HOOKS}:0/{SECRET}",
    f"https://{HOOKS}:65536/{SECRET}",
    f"https://{HOOKS}:-1/{SECRET}",
    f"https://{HOOKS}:x/{SECRET}",
    f"https://{HOOKS}:443:443/{SECRET}",
    f"https://[{HOOKS}/{SECRET}",
    f"https://[{HOOKS}]/{SECRET}",
    f"https://localhost/{SECRET}",
    f"https://localhost.localdomain/{SECRET}",
    f"https://127.0.0.1/{SECRET}",
    f"https://127.1/{SECRET}",
    f"https://2130706433/{SECRET}",
    f"https://0x7f000001/{SECRET}",
    f"https://0x7f.0.0.1/{SECRET}",
    f"https://0177.0.0.1/{SECRET}",
    f"https://017700000001/{SECRET}",
    f"https://0/{SECRET}",
    f"https://0.0.0.0/{SECRET}",
    f"https://10.0.0.1/{SECRET}",
    f"https://192.168.0.1/{SECRET}",
    f"https://169.254.169.254/latest/{CANARY}",
    f"https://[::1]/{SECRET}",
    f"https://[::]/{SECRET}",
    f"https://[::ffff:127.0.0.1]/{SECRET}",
    f"https://[fe80::1%25eth0]/{SECRET}",
    f"https://[fd00::1]/{SECRET}",
    f"https://[64:ff9b::7f00:1]/{SECRET}",
    f"https://metadata.google.internal/{SECRET}",
    f"https://127.0.0.1.nip.io/{SECRET}",
]

INSIDE = [
    "0.0.0.0",  # noqa: S104 - an address that must be refused
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.168.1.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "100::1",
]
OUTSIDE = ["3.5.140.2", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


def test_there_are_eighty_hostile_addresses():
    """S4 asks for eighty."""
    assert len(set(HOSTILE_URLS)) == len(HOSTILE_URLS) >= 80


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_only_the_services_own_host_is_written_to(url):
    """S4/A24/A26: anything but https on the service's own host is refused at once, in words that do not repeat it."""
    with pytest.raises(ConfigError) as caught:
        parse(url, service="Slack", own=(HOOKS,))
    assert CANARY not in str(caught.value)
    assert "evil" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_the_services_own_address_is_taken():
    """The negative control: the address that Slack gives out passes, and its secret is in no repr."""
    target = parse(f"https://{HOOKS}/{SECRET}?x=1", service="Slack", own=(HOOKS,))
    assert (target.host, target.port, target.path, target.private) == (HOOKS, 443, f"/{SECRET}?x=1", False)
    assert CANARY not in repr(target)


def test_a_named_host_is_taken_on_the_port_that_is_named():
    """`host` allows any port, `host:port` that one."""
    assert parse("https://relay.example:8443/x", service="it", allow_hosts=("relay.example",)).port == 8443
    assert parse("https://Relay.example:8443/x", service="it", allow_hosts=("relay.example:8443",)).port == 8443
    with pytest.raises(ConfigError, match="allow_hosts"):
        parse("https://relay.example:9/x", service="it", allow_hosts=("relay.example:8443",))


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_connected_to(address):
    """S4: whatever the name, one address inside is enough to refuse all, for good."""
    target = parse(f"https://{HOOKS}/x", service="Slack", own=(HOOKS,))
    with pytest.raises(ChannelError) as caught:
        checked(["8.8.8.8", address], target)
    assert caught.value.permanent
    assert address not in str(caught.value)


def test_addresses_outside_are_connected_to():
    """The negative control: what is on the internet passes, by NAT64 too."""
    target = parse(f"https://{HOOKS}/x", service="Slack", own=(HOOKS,))
    assert checked(OUTSIDE, target) == OUTSIDE


def test_allow_private_is_for_the_hosts_that_are_named():
    """A relay inside is allowed when it is named; the service's own name is not, and metadata never is."""
    options = {"own": (HOOKS,), "allow_hosts": ("relay.lan",), "allow_private": True}
    relay = parse("https://relay.lan/x", service="Slack", **options)
    own = parse(f"https://{HOOKS}/x", service="Slack", **options)
    assert checked(["10.0.0.1", "::1", "fd00::1", "::ffff:127.0.0.1"], relay)
    for target, address in ((own, "10.0.0.1"), (relay, "169.254.169.254"), (relay, "fe80::1"), (relay, "::")):
        with pytest.raises(ChannelError):
            checked([address], target)


def test_alertmanager_may_be_inside_and_speak_http():
    """Its hosts are as configured."""
    target = parse_inside("http://127.0.0.1:9093/prefix/api", service="Alertmanager")
    assert (target.scheme, target.port, target.path) == ("http", 9093, "/prefix/api")
    for url in ("ftp://x/", "http://user@x/", "x", "http://x:y/", "http:///x"):
        with pytest.raises(ConfigError):
            parse_inside(url, service="Alertmanager")


@pytest.mark.usefixtures("trusted")
def test_no_hostile_address_is_ever_connected_to(slack):
    """S4: against a listening server: names that lead to it, by any resolver, make 0 connections."""
    url = f"https://{HOOKS}/x"
    for addresses in (["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["127.0.0.1", "8.8.8.8"]):
        wire = Wire(2.0, resolver=lambda host, port, found=addresses: found)  # noqa: ARG005
        with pytest.raises(ChannelError, match="inside the network") as caught:
            wire.post(parse(url, service="Slack", own=(HOOKS,)), b"{}", {})
        assert not caught.value.unknown
    assert slack.connections == 0


HERE = [
    "localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
]


@pytest.mark.parametrize("host", HERE)
def test_no_way_to_write_this_machine_leads_to_it(slack, monkeypatch, host):
    """S4: with a server listening here: not by its names, not by its numbers, and not when the host is named."""
    monkeypatch.setenv("SLACK_URL", f"https://{host}:{slack.port}/{SECRET}")
    for allow_hosts in ([], [host.strip("[]")] if ":" not in host else []):
        team = {"type": "slack", "webhook_url": "env:SLACK_URL", "allow_hosts": allow_hosts}
        with pytest.raises((ConfigError, ChannelError)) as caught:
            try_channel("team", alert_settings(channels={"team": team}), base_url="https://b", now=NOW)
        assert CANARY not in str(caught.value)
    assert slack.connections == 0


def test_this_machine_is_reached_when_it_is_meant(slack, monkeypatch):
    """The negative control: the same address, named and allowed, is connected to."""
    monkeypatch.setenv("SLACK_URL", slack.url)
    try_channel("team", alert_settings(channels={"team": SLACK}), base_url="https://b", now=NOW)
    assert slack.connections == 1
