"""Config: what wins, what is refused, and how the key is kept."""

import stat
import sys
from pathlib import Path

import pytest

from server.config import PROJECT, Config, ConfigError


@pytest.fixture
def data(tmp_path: Path) -> dict[str, object]:
    """Options that keep a test out of the project's own data."""
    return {"data": str(tmp_path / "data")}


def test_a_server_that_is_told_nothing_has_the_defaults(data):
    """Every option may be left out."""
    config = Config.read(data, {})

    assert (config.host, config.port, config.public_url, config.tls) == ("0.0.0.0", None, None, None)
    assert config.is_browser_opened
    assert not config.is_behind_proxy
    assert not config.has_metrics
    assert config.idle_hours == 6
    assert config.keep_days == 30
    assert config.banks == PROJECT / "question_banks"
    assert config.static == PROJECT / "static"
    assert Config(key="k").data == PROJECT / "data"


def test_every_option_has_a_variable(tmp_path):
    """What an option says can come from the environment instead."""
    certificate, private_key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.touch()
    private_key.touch()
    config = Config.read(
        {"port": None, "no_browser": False},
        {
            "PLENARY_HOST": "127.0.0.1",
            "PLENARY_PORT": "8123",
            "PLENARY_DATA": str(tmp_path),
            "PLENARY_KEY": "sixteen-characters",
            "PLENARY_PUBLIC_URL": "https://quiz.example.org/",
            "PLENARY_TLS_CERT": str(certificate),
            "PLENARY_TLS_KEY": str(private_key),
            "PLENARY_BEHIND_PROXY": "1",
            "PLENARY_NO_BROWSER": "1",
            "PLENARY_METRICS": "1",
            "PLENARY_KEEP_DAYS": "0",
        },
    )

    assert (config.host, config.port, config.data) == ("127.0.0.1", 8123, tmp_path)
    assert config.key == "sixteen-characters"
    assert config.public_url == "https://quiz.example.org"
    assert config.tls == (certificate, private_key)
    assert config.is_behind_proxy
    assert not config.is_browser_opened
    assert config.has_metrics
    assert config.keep_days == 0


def test_an_option_wins_over_its_variable(data):
    """The command at hand counts more than the environment."""
    assert Config.read({**data, "port": "9000"}, {"PLENARY_PORT": "8123"}).port == 9000


def test_an_empty_variable_counts_as_none(data):
    """A service file may name a variable without giving it a value."""
    config = Config.read(data, {"PLENARY_PORT": "", "PLENARY_KEY": "", "PLENARY_NO_BROWSER": ""})

    assert config.port is None
    assert config.key
    assert config.is_browser_opened


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "8000.5", "٣"])
def test_a_port_that_is_none_is_refused(data, port):
    """The message shows what a port looks like."""
    with pytest.raises(ConfigError, match="--port 8000"):
        Config.read({**data, "port": port}, {})


@pytest.mark.parametrize(
    "url",
    [
        "quiz.example.org",
        "ftp://quiz.example.org",
        "https://",
        "https://quiz.example.org/plenary",
        "https://quiz.example.org?a=b",
        "https://quiz.example.org#top",
        "https://me@quiz.example.org",
        "https://quiz.example.org:0",
        "https://quiz.example.org:99999",
        "https://quiz.example.org:port",
        "https://[::1",
        "https://quiz example.org",
    ],
)
def test_a_public_address_is_a_scheme_a_host_and_a_port(data, url):
    """Join addresses are built on it, so it holds nothing else."""
    with pytest.raises(ConfigError, match=r"--public-url https://quiz\.example\.org"):
        Config.read({**data, "public_url": url}, {})


@pytest.mark.parametrize(
    "url", ["http://192.168.1.20:8000", "https://quiz.example.org", "http://[fe80::1]:8000"]
)
def test_a_public_address_is_kept_as_it_is(data, url):
    """Only a slash at its end goes."""
    assert Config.read({**data, "public_url": f"{url}/"}, {}).public_url == url


def test_a_certificate_needs_its_key(data, tmp_path):
    """One of the two alone is a mistake to tell, not plain HTTP."""
    certificate = tmp_path / "cert.pem"
    certificate.touch()

    with pytest.raises(ConfigError, match="--tls-cert and --tls-key together"):
        Config.read({**data, "tls_cert": str(certificate)}, {})


def test_a_certificate_that_is_not_there_is_named(data, tmp_path):
    """The message holds the path that was looked at."""
    with pytest.raises(ConfigError, match=r"no file .*missing\.pem"):
        Config.read({**data, "tls_cert": str(tmp_path / "missing.pem")}, {})


@pytest.mark.parametrize("days", ["-1", "1.5", "forever", "3651", "99999", "٣"])
def test_days_that_are_none_are_refused(data, days):
    """Whether as an option or as a variable."""
    with pytest.raises(ConfigError, match="--keep-days 30"):
        Config.read({**data, "keep_days": days}, {})
    with pytest.raises(ConfigError, match="--keep-days 30"):
        Config.read(data, {"PLENARY_KEEP_DAYS": days})


def test_a_flag_that_is_neither_yes_nor_no_is_refused(data):
    """PLENARY_NO_BROWSER=0 means what it says, and so nothing else may be guessed."""
    assert Config.read(data, {"PLENARY_NO_BROWSER": "0"}).is_browser_opened
    with pytest.raises(ConfigError, match="PLENARY_NO_BROWSER"):
        Config.read(data, {"PLENARY_NO_BROWSER": "perhaps"})


def test_a_key_is_made_once_and_kept_to_its_owner(data):
    """128 random bits, readable by nobody else, the same at every start."""
    config = Config.read(data, {})
    file = config.data / "host-key"

    assert file.read_text().strip() == config.key
    assert len(config.key) == 22
    assert Config.read(data, {}).key == config.key
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_servers_do_not_share_a_key(data, tmp_path):
    """Each data folder has its own."""
    assert Config.read(data, {}).key != Config.read({"data": str(tmp_path / "other")}, {}).key


def test_an_empty_key_file_gets_a_key(data):
    """A start that was interrupted at the worst moment does not leave a server open to all."""
    file = Config.read(data, {}).data / "host-key"
    file.write_text("")

    assert len(Config.read(data, {}).key) == 22


def test_a_chosen_key_is_not_written_down(data):
    """Whoever gives a key keeps it."""
    config = Config.read({**data, "key": "chosen"}, {})

    assert config.key == "chosen"
    assert not (config.data / "host-key").exists()


@pytest.mark.parametrize("key", ["two words", "clé", "line\nbreak"])
def test_a_key_fits_into_a_header(data, key):
    """It travels as a bearer token and in an address."""
    with pytest.raises(ConfigError, match="no spaces"):
        Config.read({**data, "key": key}, {})


def test_a_short_key_is_known_as_guessable(data):
    """A teacher may choose it all the same, and is warned."""
    assert Config.read({**data, "key": "fifteen-letters"}, {}).is_key_guessable
    assert not Config.read({**data, "key": "sixteen-letters!"}, {}).is_key_guessable
    assert not Config.read(data, {}).is_key_guessable


def test_the_key_is_in_no_representation(data):
    """A log or a traceback that shows the configuration gives nothing away."""
    config = Config.read(data, {})

    assert config.key not in repr(config)


def test_a_data_folder_that_cannot_be_made_is_told_with_its_remedy(tmp_path):
    """A file in the way stands for every reason that the system may have."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match=r"choose a folder of your own with --data"):
        Config.read({"data": str(tmp_path / "file" / "data")}, {})


def test_a_relative_data_folder_is_below_the_current_one(tmp_path, monkeypatch):
    """The path is as the teacher typed it."""
    monkeypatch.chdir(tmp_path)

    assert Config.read({"data": "mine"}, {}).data == tmp_path / "mine"
