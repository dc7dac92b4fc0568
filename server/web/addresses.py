"""The addresses at which phones reach this machine, the likeliest first."""

import ipaddress
import re
import socket
from dataclasses import dataclass

import ifaddr

from server.config import Config

EVERY_INTERFACE = ("0.0.0.0", "::")
LOOPBACK = "127.0.0.1"

# What other machines seldom reach: containers, virtual machines, VPNs. Windows gives descriptions for names.
HIDDEN_INTERFACE = re.compile(
    r"^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|podman|cni|tun|tap|utun|ppp|ipsec|wg|tailscale|zt|feth|nordlynx)"
    r"|vethernet|hyper-v|vmware|virtualbox|wsl|docker|tap-windows|wintun|wireguard|openvpn|tailscale|zerotier|vpn",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Address:
    """An IPv4 address of this machine and the interface that has it."""

    ip: str
    interface: str


def lan_addresses() -> list[Address]:
    """Return the addresses to choose from, the best guess first; loopback only where there is no other."""
    guess = _address_of_default_route()
    addresses = _interface_addresses()
    if guess and all(address.ip != guess for address in addresses):
        addresses.append(Address(guess, ""))
    reachable = [address for address in addresses if not ipaddress.ip_address(address.ip).is_loopback]
    reachable.sort(key=lambda address: (_is_unlikely(address), address.ip != guess))
    return reachable or [Address(LOOPBACK, "")]


def join_base(config: Config, port: int) -> str:
    """Return the address that students open, without a slash at its end."""
    if config.public_url:
        return config.public_url
    host = lan_addresses()[0].ip if config.host in EVERY_INTERFACE else config.host
    return _url(config, host, port)


def choices(config: Config, port: int) -> list[tuple[str, str]]:
    """Return the addresses that students could open, each with its interface's name, the likeliest first."""
    if config.public_url:
        return [(config.public_url, "")]
    if config.host not in EVERY_INTERFACE:
        return [(_url(config, config.host, port), "")]
    return [(_url(config, address.ip, port), address.interface) for address in lan_addresses()]


def own_base(config: Config, port: int) -> str:
    """Return the address of the host's page for the browser of this machine, without a slash at its end."""
    if config.public_url and config.public_url.startswith("https:"):
        return (
            config.public_url
        )  # what the certificate names, and the only one for which a secure cookie is kept
    return _url(config, LOOPBACK if config.host in EVERY_INTERFACE else config.host, port)


def _url(config: Config, host: str, port: int) -> str:
    scheme, default_port = ("https", 443) if config.tls else ("http", 80)
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" if port == default_port else f"{scheme}://{name}:{port}"


def _is_unlikely(address: Address) -> bool:
    return ipaddress.ip_address(address.ip).is_link_local or bool(HIDDEN_INTERFACE.search(address.interface))


def _address_of_default_route() -> str | None:
    """Return the address that packets to elsewhere would leave from; None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing, it picks a route; 192.0.2.1 is reserved (RFC 5737).
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        ip: str = probe.getsockname()[0]
        return ip


def _interface_addresses() -> list[Address]:
    try:
        adapters = ifaddr.get_adapters()
    except OSError:
        return []
    return [
        Address(ip.ip, ip.nice_name)
        for adapter in adapters
        for ip in adapter.ips
        if isinstance(ip.ip, str)  # IPv6 ones come as tuples
    ]
