"""Which addresses messages may be sent to: https, on the service's own host or on one that is named, never inside.

A host's name is checked when the configuration is read, and what it resolves to each time before connecting: a name
outside that leads to an address inside is how a web address in a configuration becomes a way into a network.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from driftboard.errors import ChannelError, ConfigError

Resolver = Callable[[str, int], Sequence[str]]
_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"https": 443, "http": 80}
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_NEVER = tuple(
    map(ipaddress.ip_network, ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/128", "fe80::/10", "ff00::/8"))
)
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
            *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_WITH_V4 = tuple(map(ipaddress.ip_network, ("::ffff:0:0/96", "::/96", "64:ff9b::/96")))
_LOOPBACK_V6 = ipaddress.ip_address("::1")


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be written to.

    Attributes
    ----------
    service
        What errors call it: they never hold the address.
    scheme, host, port, path
        Of the address; the path, which may be a secret, is in no repr.
    private
        It may lie in a private network, or on this machine.
    """

    service: str
    scheme: str
    host: str
    port: int
    path: str = field(repr=False)
    private: bool


def parse(
    url: str, *, service: str, own: Collection[str] = (), allow_hosts: Collection[str] = (), allow_private: bool = False
) -> Target:
    """Return where an address leads.

    Parameters
    ----------
    service
        What errors call it.
    own, allow_hosts
        Hosts it may be on: the service's own, on port 443, and others, written `host` (any port) or `host:port`.
    allow_private
        True: those others may have addresses of a private network.

    Raises
    ------
    ConfigError
        It is not https, not plain, or not on one of the hosts. The text never holds the address.
    """
    parts, port = _split(url, service)
    if parts.scheme != "https":
        raise ConfigError(f"the address of {service} must begin with https://")
    host = parts.hostname or ""
    named = {host, f"{host}:{port}"} & {each.lower() for each in allow_hosts}
    if not named and not (host in own and port == _PORTS["https"]):
        raise ConfigError(f"the address of {service} is not on {_expected(own)}: name its host in allow_hosts")
    return _target(parts, port, service, private=bool(named) and allow_private)


def parse_inside(url: str, *, service: str) -> Target:
    """Return where the address of a service in one's own network leads: http is allowed, and any host.

    Raises
    ------
    ConfigError
        It is no http or https address.
    """
    parts, port = _split(url, service)
    return _target(parts, port, service, private=True)


def look_up(host: str, port: int) -> Sequence[str]:
    """Return every address the system has for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def checked(addresses: Sequence[str], target: Target) -> Sequence[str]:
    """Return the addresses when every one of them may be connected to.

    Raises
    ------
    ChannelError
        One may not, for good.
    """
    if not addresses:
        raise ChannelError(f"{target.service} has no address", permanent=False)
    for text in addresses:
        if not _may_connect(ipaddress.ip_address(text), private=target.private):
            hint = "it never may" if target.private else "see allow_private"
            raise ChannelError(f"{target.service} resolves to an address inside the network: {hint}", permanent=True)
    return addresses


def _may_connect(ip: _Ip, *, private: bool) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and ip != _LOOPBACK_V6 and any(ip in each for each in _WITH_V4):
        return _may_connect(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF), private=private)
    if any(ip.version == each.version and ip in each for each in _NEVER):
        return False
    return private or _is_global(ip)


def _is_global(ip: _Ip) -> bool:
    if ip.version == _GLOBAL_V6.version and ip not in _GLOBAL_V6:
        return False
    return not any(ip.version == each.version and ip in each for each in _INSIDE)


def _split(url: str, service: str) -> tuple[SplitResult, int]:
    """Take an address apart that is written plainly: no user, no odd characters, a host as DNS or IP writes it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError(f"the address of {service} is no URL") from None
    if parts.scheme not in _PORTS or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        raise ConfigError(f"the address of {service} must be plain and begin with https://")
    if "@" in parts.netloc or not _is_host(parts.hostname or ""):
        raise ConfigError(f"the address of {service} must be plain: a host, no user")
    return parts, _PORTS[parts.scheme] if port is None else port


def _is_host(host: str) -> bool:
    if _NAME.fullmatch(host):
        return True
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return "%" not in host


def _target(parts: SplitResult, port: int, service: str, *, private: bool) -> Target:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(service, parts.scheme, parts.hostname or "", port, path, private)


def _expected(own: Collection[str]) -> str:
    return " or ".join(sorted(own)) or "a host that is allowed"
