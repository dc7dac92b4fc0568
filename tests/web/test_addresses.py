"""Addresses: the guess, the choice behind it, and the address that students open."""

from pathlib import Path

import ifaddr
import pytest

from server.config import Config
from server.web import addresses
from server.web.addresses import Address, join_base, lan_addresses, own_base


@pytest.fixture
def machine(monkeypatch):
    """A machine with the interfaces and the default route that a test gives it."""

    def build(interfaces: dict[str, str], route: str | None) -> None:
        adapters = [
            ifaddr.Adapter(name, name, [ifaddr.IP(ip, 24, name), ifaddr.IP(("fe80::1", 0, 0), 64, name)])
            for name, ip in interfaces.items()
        ]
        monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters)
        monkeypatch.setattr(addresses, "_address_of_default_route", lambda: route)

    return build


def test_the_address_of_the_default_route_comes_first(machine):
    """It is where the school's network is, most of the time."""
    machine({"lo": "127.0.0.1", "eth0": "10.0.0.5", "wlan0": "192.168.1.20"}, route="192.168.1.20")

    assert lan_addresses() == [Address("192.168.1.20", "wlan0"), Address("10.0.0.5", "eth0")]


@pytest.mark.parametrize(
    "hidden",
    [
        "docker0",
        "br-4f1c2a",
        "veth12ab",
        "vEthernet (WSL)",
        "Hyper-V Virtual Ethernet Adapter",
        "tun0",
        "utun4",
        "wg0",
        "tailscale0",
        "Tailscale Tunnel",
        "ztabcdef",
        "VMware Virtual Ethernet Adapter for VMnet8",
        "VirtualBox Host-Only Ethernet Adapter",
        "TAP-Windows Adapter V9",
    ],
)
def test_a_vpn_or_a_container_comes_after_the_likely_ones(machine, hidden):
    """A VPN takes the default route, and no phone of the class is in it."""
    machine({hidden: "10.8.0.2", "Intel(R) Wi-Fi 6 AX201": "192.168.1.20"}, route="10.8.0.2")

    assert [address.ip for address in lan_addresses()] == ["192.168.1.20", "10.8.0.2"]


@pytest.mark.parametrize(
    "likely", ["en0", "wlp3s0", "br0", "bridge100", "Microsoft Wi-Fi Direct Virtual Adapter"]
)
def test_a_hotspot_and_an_ordinary_interface_are_likely(machine, likely):
    """The laptop's own hotspot is where a class meets if the school has no network."""
    machine({"docker0": "172.17.0.1", likely: "192.168.137.1"}, route=None)

    assert lan_addresses()[0].ip == "192.168.137.1"


def test_a_link_local_address_comes_after_the_likely_ones(machine):
    """An interface that got no address from the network made this one up."""
    machine({"eth0": "169.254.7.7", "wlan0": "192.168.1.20"}, route=None)

    assert [address.ip for address in lan_addresses()] == ["192.168.1.20", "169.254.7.7"]


def test_without_a_network_there_is_the_loopback_address(machine):
    """A rehearsal on the train works."""
    machine({"lo": "127.0.0.1"}, route=None)

    assert lan_addresses() == [Address("127.0.0.1", "")]


def test_without_a_list_of_interfaces_the_route_is_enough(machine, monkeypatch):
    """Some systems let nobody list them."""

    def refused() -> list[ifaddr.Adapter]:
        raise OSError("not allowed")

    machine({}, route="192.168.1.20")
    monkeypatch.setattr(ifaddr, "get_adapters", refused)

    assert lan_addresses() == [Address("192.168.1.20", "")]


def test_this_very_machine_has_an_address():
    """The real sockets and the real list of interfaces give at least one IPv4 address."""
    found = lan_addresses()

    assert found
    assert all(address.ip.count(".") == 3 for address in found)


def test_the_join_address_is_the_best_guess(machine):
    """Students type it, so it is as short as it can be."""
    machine({"wlan0": "192.168.1.20"}, route="192.168.1.20")

    assert join_base(Config(key="k"), 8000) == "http://192.168.1.20:8000"
    assert join_base(Config(key="k"), 80) == "http://192.168.1.20"
    assert own_base(Config(key="k"), 8000) == "http://127.0.0.1:8000"


def test_with_a_certificate_the_join_address_is_https(machine):
    """Port 443 needs no mention there, port 80 does."""
    machine({"wlan0": "192.168.1.20"}, route="192.168.1.20")
    config = Config(key="k", tls_cert=Path("cert.pem"), tls_key=Path("key.pem"))

    assert join_base(config, 443) == "https://192.168.1.20"
    assert join_base(config, 80) == "https://192.168.1.20:80"


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", "http://127.0.0.1:8000"), ("fd00::2", "http://[fd00::2]:8000")]
)
def test_a_server_on_one_address_is_joined_there(host, address):
    """No guess is needed where the teacher has said it."""
    assert join_base(Config(key="k", host=host), 8000) == address
    assert own_base(Config(key="k", host=host), 8000) == address


def test_a_public_address_wins():
    """It is the one that the server knows as its own; the host's page stays on the machine itself."""
    config = Config(key="k", public_url="http://192.168.1.20:8000")

    assert join_base(config, 8000) == "http://192.168.1.20:8000"
    assert own_base(config, 8000) == "http://127.0.0.1:8000"


def test_a_public_address_with_https_is_the_host_s_too():
    """The certificate names no other, and the host's cookie is for HTTPS alone."""
    config = Config(key="k", public_url="https://quiz.example.org")

    assert join_base(config, 8000) == "https://quiz.example.org"
    assert own_base(config, 8000) == "https://quiz.example.org"
