"""Addresses at which parts of driftboard listen."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Return whether an address or name is this machine's own.

    >>> [is_loopback(each) for each in ("127.0.0.1", "::1", "localhost", "10.0.0.1", "example.com")]
    [True, True, True, False, False]
    """
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(host: str, port: int) -> str:
    """Return the web address of what listens there; any address is reached by the loopback one.

    >>> address_of("::1", 8501), address_of("0.0.0.0", 8502)
    ('http://[::1]:8501', 'http://127.0.0.1:8502')
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is the address that is avoided
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
