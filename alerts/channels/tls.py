"""TLS to a host that must show who it is."""

import socket
import ssl


def secured(raw: socket.socket, host: str) -> ssl.SSLSocket:
    """Return the connection, encrypted, once the other side has shown a certificate of that name that we trust.

    The handshake is asked for by name: `wrap_socket` leaves it out, silently, when the connection has just broken.

    Raises
    ------
    OSError
        It has not, or the connection broke; the connection is closed.
    """
    secure = ssl.create_default_context().wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
    try:
        secure.do_handshake()
    except BaseException:
        secure.close()
        raise
    return secure
