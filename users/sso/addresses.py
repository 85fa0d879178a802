"""Which addresses of a provider may be asked."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_safe(address: str) -> bool:
    """Whether it is HTTPS, or on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "http" and parts.hostname:
        try:
            return parts.hostname == "localhost" or ip_address(parts.hostname).is_loopback
        except ValueError:
            return False
    return parts.scheme == "https" and bool(parts.hostname)
