"""What a server is told before it starts: options and PLENARY_* variables come in here only."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent
KEY_FILE = "host-key"
SHORTEST_SAFE_KEY = 16
MOST_KEEP_DAYS = 3_650


class ConfigError(Exception):
    """A setting cannot be used; the message says what to do, in one sentence."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that differs between one server and another."""

    key: str = field(repr=False)
    host: str = "0.0.0.0"
    port: int | None = None
    """None takes 8000, or the next free one; 0 takes any free one."""
    data: Path = PROJECT / "data"
    public_url: str | None = None
    """Such as https://quiz.example.org, without a path."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    is_behind_proxy: bool = False
    """Whether what one proxy says of a request's sender and scheme is believed."""
    is_browser_opened: bool = True
    has_metrics: bool = False
    """Whether the host key opens /metrics, for Prometheus."""
    banks: Path = PROJECT / "question_banks"
    static: Path = PROJECT / "static"
    idle_hours: float = 6.0
    keep_days: int = 30
    """How long results are kept after their room was closed; 0: not at all."""

    @property
    def tls(self) -> tuple[Path, Path] | None:
        """The certificate and its private key, where the server speaks HTTPS itself."""
        return (self.tls_cert, self.tls_key) if self.tls_cert and self.tls_key else None

    @property
    def is_key_guessable(self) -> bool:
        """Whether somebody chose a key so short that it can be guessed."""
        return len(self.key) < SHORTEST_SAFE_KEY

    @classmethod
    def read(cls, options: Mapping[str, object], environ: Mapping[str, str]) -> Self:
        """Read the configuration: an option wins over its variable, a variable over the default.

        Makes the data folder, and in it the host key where none was given.

        Raises:
            ConfigError: a value cannot be used, or the data folder cannot be written to.
        """

        def text(name: str) -> str | None:
            given = options.get(name)
            return str(given) if given not in (None, "") else environ.get(f"PLENARY_{name.upper()}") or None

        host, port, public_url = text("host"), _port(text("port")), _public_url(text("public_url"))
        keep_days = cls.keep_days if (days := text("keep_days")) is None else _keep_days(days)
        tls_cert, tls_key = _existing_file(text("tls_cert")), _existing_file(text("tls_key"))
        if bool(tls_cert) != bool(tls_key):
            raise ConfigError("HTTPS needs --tls-cert and --tls-key together: give the missing one too.")
        is_browser_refused = _is_yes("PLENARY_NO_BROWSER", environ) or bool(options.get("no_browser"))
        is_behind_proxy = _is_yes("PLENARY_BEHIND_PROXY", environ) or bool(options.get("behind_proxy"))
        has_metrics = _is_yes("PLENARY_METRICS", environ) or bool(options.get("metrics"))
        chosen_key = _usable_key(text("key"))
        data = _writable_folder(Path(text("data") or cls.data))
        return cls(
            key=chosen_key or _kept_key(data / KEY_FILE),
            host=host or cls.host,
            port=port,
            data=data,
            public_url=public_url,
            tls_cert=tls_cert,
            tls_key=tls_key,
            is_behind_proxy=is_behind_proxy,
            is_browser_opened=not is_browser_refused,
            has_metrics=has_metrics,
            keep_days=keep_days,
        )


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise ConfigError(f"The port “{text}” is no number from 1 to 65535: choose one such as --port 8000.")
    return int(text)


def _keep_days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MOST_KEEP_DAYS):
        raise ConfigError(
            f"“{text}” is no number of days from 0 to {MOST_KEEP_DAYS}: choose one such as --keep-days 30."
        )
    return int(text)


def _public_url(text: str | None) -> str | None:
    if text is None:
        return None
    remedy = (
        "give the address that students open, without a path, such as --public-url https://quiz.example.org"
    )
    try:
        url = urlsplit(text)
        has_port_in_range = url.port is None or url.port > 0
    except ValueError as error:
        raise ConfigError(f"The public address “{text}” cannot be read ({error}): {remedy}.") from None
    is_bare = url.path in ("", "/") and not (url.query or url.fragment)
    is_host = bool(url.hostname and re.fullmatch(r"[\w.:\[\]-]+", url.netloc))
    if url.scheme not in ("http", "https") or not is_host or not has_port_in_range or not is_bare:
        raise ConfigError(f"The public address “{text}” will not do: {remedy}.")
    return f"{url.scheme}://{url.netloc}"


def _existing_file(text: str | None) -> Path | None:
    if text is None:
        return None
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ConfigError(f"There is no file {path}: check the path of the certificate and of its key.")
    return path


def _is_yes(name: str, environ: Mapping[str, str]) -> bool:
    word = environ.get(name, "").strip().lower()
    if word not in ("", "0", "no", "false", "off", "1", "yes", "true", "on"):
        raise ConfigError(f"{name} is “{word}”: set it to 1 or 0.")
    return word in ("1", "yes", "true", "on")


def _usable_key(text: str | None) -> str | None:
    if text is not None and not all("!" <= character <= "~" for character in text):
        raise ConfigError(
            "The host key may hold only unaccented letters, digits and signs, and no spaces: choose another."
        )
    return text


def _writable_folder(path: Path) -> Path:
    folder = path.expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(_unwritable(folder, error.strerror)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(_unwritable(folder, "no permission"))
    return folder


def _kept_key(path: Path) -> str:
    """Return the key that the file keeps, 128 random bits; made where there is none yet."""
    try:
        kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
        if not kept:
            kept = secrets.token_urlsafe(16)
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii"
            ) as file:
                file.write(kept + "\n")
    except UnicodeError as error:
        raise ConfigError(
            f"The host key in {path} cannot be read: delete that file and start again."
        ) from error
    except OSError as error:
        raise ConfigError(_unwritable(path, error.strerror)) from error
    return kept


def _unwritable(path: Path, reason: str | None) -> str:
    return f"Plenary cannot keep its data in {path} ({reason}): choose a folder of your own with --data."
