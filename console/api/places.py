"""Which places are this machine."""

from ipaddress import ip_address


def is_this_machine(host: str) -> bool:
    """Return whether nobody else can come to what listens on a host of this name or address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
