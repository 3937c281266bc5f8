"""Which addresses a message may go to: public ones only, so that nobody reaches our own network through us."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

Resolve = Callable[[str, int], list[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Beyond what `is_global` of Python says, which differs between its versions.
FORBIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # the platform's own address inside Azure
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
PORTS = {"https": 443, "http": 80}
LONGEST = 2000


class Refused(ValueError):
    """A message may not go there; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: the host as it is called, and the one address that was looked up and checked."""

    host: str
    port: int
    address: str


def is_public(address: Address) -> bool:
    """Whether an address is in the public internet. Every form of embedding another address in it counts as not."""
    if not address.is_global or address.is_multicast:
        return False
    return not any(address in network for network in FORBIDDEN if network.version == address.version)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises Refused for one that does not exist."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused("address.unknown") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_form(url: str, *, allows_http: bool) -> tuple[str, int]:
    """Return host and port of an address that may be used as far as one can see. Raises Refused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("address.wrong") from error
    if parts.scheme not in PORTS or not parts.hostname or len(url) > LONGEST or any(sign.isspace() for sign in url):
        raise Refused("address.wrong")
    if parts.scheme == "http" and not allows_http:
        raise Refused("address.not_https")
    if parts.username or parts.password:
        raise Refused("address.with_password")
    return parts.hostname, port if port is not None else PORTS[parts.scheme]


def find_place(url: str, *, allows_http: bool, lookup: Resolve = resolve) -> Place:
    """Look the host up once and return the address to connect to. Raises Refused.

    All of its addresses must be public: a name with a private one beside a public one is nobody's mistake.
    """
    host, port = check_form(url, allows_http=allows_http)
    addresses = [_parsed(address) for address in lookup(host, port)]
    if not addresses:
        raise Refused("address.unknown")
    if not all(is_public(address) for address in addresses):
        raise Refused("address.private")
    return Place(host, port, str(addresses[0]))


def _parsed(address: str) -> Address:
    try:
        return ipaddress.ip_address(address)
    except ValueError as error:
        raise Refused("address.wrong") from error
