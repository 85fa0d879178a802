"""Where on the network a request comes from.

The server tells the address of its peer, which is the client's own or that of a proxy. A proxy adds whom it saw to the
end of X-Forwarded-For; what comes before that anybody may have written. So the header is read from its end, as long as
the one that vouches for it is a proxy of ours.

Uvicorn reads the header too: it believes whoever connects from this machine, a proxy or not, and what it tells as the
peer is then from the header. That is for TRUSTED_PROXIES to say as well.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_IPV6_PREFIX = 64
"""Bits of an address that one connection to the network has to itself; the others its owner changes at will."""
_THIS_MACHINE = IPv4Address("127.0.0.1")
_PORT = re.compile(r"\[(.*)\](?::.*)?|([^:]*):[^:]*")
_current: ContextVar[str] = ContextVar("client_address", default="")


def current_client_address() -> str:
    """Where the request comes from that this thread or task serves; empty outside of requests."""
    return _current.get()


class ClientAddressMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Never reset, as the request's id is not: a streamed answer is written after this has returned.
        _current.set(client_address(request))
        return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """The address to count somebody's requests by; of IPv6 the network. Empty where the server knows none."""
    peer, _ = client_told(request)
    if isinstance(peer, IPv6Address):
        return str(IPv6Address(int(peer) >> 128 - _IPV6_PREFIX << 128 - _IPV6_PREFIX))
    return str(peer or "")


def client_told(request: HttpRequest) -> tuple[IPv4Address | IPv6Address | None, bool]:
    """The client's whole address, and whether nothing else is told of it.

    If something is, somebody has written it who is no proxy of ours, or the address is that of a proxy we do not know.
    """
    header = request.headers.get("X-Forwarded-For", "")
    chain = [_address(part) for part in header.split(",")] if header else []
    told = request.META.get("REMOTE_ADDR", "")
    peer = _address(told)
    if told and peer in chain and not _is_ours(_THIS_MACHINE):
        peer = _THIS_MACHINE
    while chain and peer and _is_ours(peer):
        before = chain.pop()
        if before is None:
            break
        peer = before
    return peer, chain in ([], [peer])


def _is_ours(peer: IPv4Address | IPv6Address) -> bool:
    return any(peer in network for network in settings.TRUSTED_PROXIES)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    if found := _PORT.fullmatch(text):
        text = found[1] or found[2] or ""
    try:
        address = ip_address(text.split("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
