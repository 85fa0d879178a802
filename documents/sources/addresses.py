"""Where a source may lead this server: to the public web, and to what the operator has named besides.

An editor chooses the address of a source, and a page of it chooses where its redirects go. Neither may make this server
ask what only it can reach: itself, the machines beside it, or a cloud's metadata service.
"""

import re
import socket
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx2
from django.conf import settings

from documents.sources.errors import AddressRefused, SourceUnavailable

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# What Python takes for public though nothing of the public web is there.
_NOT_PUBLIC: tuple[Network, ...] = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),  # Azure's own service, on a public address
    IPv6Network("2002::/16"),  # 6to4: an IPv4 address in disguise
    IPv6Network("3fff::/20"),
)
_HOST_NAME = re.compile(r"(?=.*[a-z])[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.IGNORECASE)
_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_PORTS = {"http": 80, "https": 443}


def is_public(address: Address) -> bool:
    """Whether it belongs to the public web, whatever form it is written in."""
    if isinstance(address, IPv6Address):
        embedded = address.ipv4_mapped
        if embedded is None and address in _NAT64:
            embedded = IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(embedded)
        if address not in _PUBLIC_IPV6:
            return False
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_private)
        and not any(address in network for network in _NOT_PUBLIC)
    )


class Allowance:
    """What SOURCE_ALLOWED_PRIVATE names: host names, and networks as CIDR."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        """Raises ValueError for an entry that is neither."""
        self.hosts: set[str] = set()
        self.networks: list[Network] = []
        for entry in entries:
            if _HOST_NAME.fullmatch(entry):
                self.hosts.add(entry.lower())
            else:
                self.networks.append(ip_network(entry))

    def has(self, host: str, address: Address) -> bool:
        plain = getattr(address, "ipv4_mapped", None) or address
        return host.lower() in self.hosts or any(plain in network for network in self.networks)


def addresses_checked(host: str, port: int) -> list[str]:
    """The addresses that a host has now, each of them fit to be connected to.

    Connect to one of these and do not look the name up again: it may have other addresses by then. Raises
    AddressRefused if any of them is not fit, and SourceUnavailable if there is none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SourceUnavailable(f"No host of the name {host!r} is known.") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        _check(host, port, _parse(address))
    return addresses


def url_check(url: httpx2.URL) -> None:
    """Raises AddressRefused for what no address of a host could make right."""
    if url.scheme not in _PORTS or not url.host:
        raise AddressRefused("Only addresses that begin with http:// or https:// can be read.")
    if not _HOST.fullmatch(url.raw_host):
        raise AddressRefused("The name of the host is not well-formed.")
    if url.userinfo:
        raise AddressRefused("An address must not hold a user name or a password.")
    with suppress(ValueError):
        _check(url.host, port_of(url), _parse(url.host))


def port_of(url: httpx2.URL) -> int:
    return url.port or _PORTS[url.scheme]


def is_allowed_private(host: str, addresses: Iterable[str]) -> bool:
    """Whether the operator has named the host, or every one of its addresses."""
    allowance = _configured()
    return all(allowance.has(host, _parse(address)) for address in addresses)


def _check(host: str, port: int, address: Address) -> None:
    if _configured().has(host, address):
        return
    remedy = "The operator can allow it with SOURCE_ALLOWED_PRIVATE."
    if not is_public(address):
        raise AddressRefused(f"{host} is not on the public web. {remedy}")
    if port not in _PORTS.values():
        raise AddressRefused(f"Port {port} of {host} is neither 80 nor 443. {remedy}")


def _parse(address: str) -> Address:
    return ip_address(address.partition("%")[0])


def _configured() -> Allowance:
    return _allowance(tuple(settings.SOURCES["ALLOWED_PRIVATE"]))


@cache
def _allowance(entries: tuple[str, ...]) -> Allowance:
    return Allowance(entries)
