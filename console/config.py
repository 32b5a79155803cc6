"""Settings, read once from the environment. Standard library only: `console` imports this first."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

HTMX_URL = "https://cdn.jsdelivr.net/npm/htmx.org@2.0.11/dist/htmx.min.js"
HTMX_INTEGRITY = "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg"

SHORTEST_KEY = 32
"""Characters of the key that signs form tokens."""

SHORTEST_SECRET = 16
"""Characters of the secret that signs what goes to the SMS gateway."""


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class ConfigError(Exception):
    """A setting that cannot be used; the message says which one and what it takes."""


LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def everywhere(host: str) -> bool:
    """Whether a host is no address but stands for all of this computer's: 0.0.0.0, ::"""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def own_url(host: str, port: int) -> str:
    """Where a console that listens there is opened at this computer."""
    if everywhere(host):
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides.

    `database_url` is the application's role (no superuser, owns nothing); `database_owner_url`
    owns the tables and is used by `console migrate` alone. Both are None until the embedded
    PostgreSQL has been started, unless the environment gives them.
    """

    data_dir: Path = Path("var")
    data_dir_named: bool = False
    """Whether somebody said where the data is: a new one there is then meant."""
    database_url: str | None = None
    database_owner_url: str | None = None
    redis_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    embedded: bool = False
    """Whether the database is one that `console up` runs: nobody has an address to check."""
    demo: bool = False
    demo_clients: int = 400
    secret_key: str = ""
    web_processes: int = 1
    pool_size: int = 10
    forwarded_allow_ips: str = "127.0.0.1"
    smtp_url: str | None = None
    mail_from: str = "Fifth Visit <console@localhost>"
    support_address: str = ""
    support_plus: bool = False
    imap_url: str | None = None
    sms_url: str | None = None
    sms_secret: str = ""
    sms_from: str = ""
    sms_deduplicates: bool = True
    htmx_url: str = HTMX_URL
    htmx_integrity: str = HTMX_INTEGRITY

    @property
    def mailbox(self) -> str | None:
        """What the mailbox of IMAP_URL goes by, without its password; None where there is none."""
        if self.imap_url is None:
            return None
        url = urlsplit(self.imap_url)
        user, folder = unquote(url.username or ""), unquote(url.path.strip("/")) or "INBOX"
        return f"{user} {url.hostname}:{url.port or (993 if url.scheme == 'imaps' else 143)} {folder}"

    @property
    def https(self) -> bool:
        """Whether browsers reach the console over TLS: decides `__Host-` cookies and HSTS."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def anywhere(self) -> bool:
        """Whether it listens on every address of this computer, and nobody has said under which others reach it."""
        return everywhere(self.host) and self.only_here

    @property
    def only_here(self) -> bool:
        """Whether links lead to this computer alone: nobody has said where others reach the console."""
        return (urlsplit(self.public_url).hostname or "") in LOOPBACK

    @property
    def links_lead_nowhere(self) -> bool:
        """Whether letters leave this computer with links that open on it alone."""
        return self.smtp_url is not None and self.only_here

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment (`os.environ` by default). Raises `ConfigError`."""
        env = os.environ if env is None else env
        data_dir = _directory(env)
        host = env.get("HOST") or "127.0.0.1"
        port = _whole(env, "PORT", 8000, 1, 65535)
        database_url = env.get("DATABASE_URL") or None
        return cls(
            data_dir=data_dir,
            data_dir_named=bool(env.get("CONSOLE_DATA_DIR")),
            database_url=database_url,
            database_owner_url=env.get("DATABASE_OWNER_URL") or database_url,
            redis_url=_redis(env),
            host=host,
            port=port,
            public_url=_public(env, host, port),
            embedded=_switch(env, "DATABASE_EMBEDDED", default=False),
            demo=_switch(env, "DEMO", default=False),
            demo_clients=_whole(env, "DEMO_CLIENTS", 400, 40, 2000),
            secret_key=_key(env),
            web_processes=_whole(env, "WEB_PROCESSES", 1, 1, 64),
            pool_size=_whole(env, "DATABASE_POOL_SIZE", 10, 2, 200),
            forwarded_allow_ips=_proxies(env),
            smtp_url=_smtp(env),
            mail_from=_sender(env),
            support_address=_support(env),
            support_plus=_switch(env, "SUPPORT_PLUS", default=False),
            imap_url=_imap(env),
            sms_url=_sms(env),
            sms_secret=_sms_secret(env),
            sms_from=(env.get("SMS_FROM") or "").strip(),
            sms_deduplicates=_switch(env, "SMS_DEDUPLICATES", default=True),
            htmx_url=_script(env),
            htmx_integrity=_hash(env),
        )


def key_of_secrets(settings: Settings) -> bytes:
    """The key by which operations tell secrets apart, and imports know again what they brought."""
    return hmac.new(secret_key(settings).encode(), b"secrets", hashlib.sha256).digest()


def secret_key(settings: Settings) -> str:
    """The key that signs cookies and form tokens: `SECRET_KEY`, else a file made once in the data directory.

    Raises `ConfigError` where the file cannot be read or made, or its key is too short to sign with, and `OSError`
    where the disk takes nothing more.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / "secret_key"
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_text(errors="replace").strip()
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        raise ConfigError(
            f"{path} cannot be used: {error.strerror}. Let this user read a file of that name, or move it away: "
            "a new one is made, and pages that are open now have to be loaded again."
        ) from None
    if len(key) < SHORTEST_KEY:
        raise ConfigError(
            f"{path} holds {len(key)} characters of a key, and {SHORTEST_KEY} are needed. "
            "Delete it: a new one is made, and pages that are open now have to be loaded again."
        )
    return key


def _make_key(path: Path) -> None:
    """Write a key beside its place and link it there: whoever looks finds none or a whole one, and one of many wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, unfinished = tempfile.mkstemp(prefix=".secret_key.", dir=path.parent)  # only we may read it
    try:
        with os.fdopen(fd, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(fd)
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        os.unlink(unfinished)


def _directory(env: Mapping[str, str]) -> Path:
    given = env.get("CONSOLE_DATA_DIR") or "var"
    if given.startswith("~"):
        raise ConfigError(
            f"CONSOLE_DATA_DIR={given!r}: ~ stands for a home directory where a shell reads it, and none has. "
            f"Give the whole path, such as {os.path.expanduser(given)}."
        )
    return Path(given).resolve()


def _key(env: Mapping[str, str]) -> str:
    key = (env.get("SECRET_KEY") or "").strip()
    if key and len(key) < SHORTEST_KEY:
        raise ConfigError(
            f"SECRET_KEY has {len(key)} characters: give {SHORTEST_KEY} or more that nobody can guess, "
            "such as those of `openssl rand -base64 48`."
        )
    return key


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ConfigError(f"{name}={text!r}: give a whole number from {low} to {high}.")
    return int(text)


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "")
    if text not in {"", "0", "1"}:
        raise ConfigError(f"{name}={text!r}: give 1 or 0.")
    return text == "1" if text else default


def _redis(env: Mapping[str, str]) -> str | None:
    url = env.get("REDIS_URL") or None
    if url and not (_readable(url, {"redis", "rediss"}) or (url.startswith("unix://") and len(url) > len("unix://"))):
        raise ConfigError("REDIS_URL: give redis://host:6379/0, rediss://user:password@host:6379/0 or unix:///path.")
    return url


def _public(env: Mapping[str, str], host: str, port: int) -> str:
    url = (env.get("PUBLIC_URL") or own_url(host, port)).rstrip("/")
    readable = _readable(url, {"http", "https"}) and not everywhere(urlsplit(url).hostname or "")
    if not readable or urlsplit(url).path or urlsplit(url).query:
        raise ConfigError(f"PUBLIC_URL={url!r}: give where browsers reach the console, such as https://example.com.")
    return url


def _smtp(env: Mapping[str, str]) -> str | None:
    url = env.get("SMTP_URL") or None
    if url and not _readable(url, {"smtp", "smtp+plain", "smtps"}):
        raise ConfigError("SMTP_URL: give smtp://user:password@host:587 or smtps://user:password@host:465.")
    return url


def _imap(env: Mapping[str, str]) -> str | None:
    url = env.get("IMAP_URL") or None
    if url and not (_readable(url, {"imaps"}) or (_readable(url, {"imap"}) and urlsplit(url).hostname in LOOPBACK)):
        raise ConfigError(
            "IMAP_URL: give imaps://user:password@host/INBOX; without TLS, as imap://, only one of this computer."
        )
    if url and not (urlsplit(url).username and urlsplit(url).password):
        raise ConfigError("IMAP_URL: give the user and the password, as in imaps://user:password@host/INBOX.")
    return url


def _sms(env: Mapping[str, str]) -> str | None:
    url = env.get("SMS_URL") or None
    if url and not (_readable(url, {"https"}) or (_readable(url, {"http"}) and urlsplit(url).hostname in LOOPBACK)):
        raise ConfigError(
            "SMS_URL: give the address of the gateway, such as https://sms.example.com/messages; without TLS only one "
            "of this computer."
        )
    return url


def _sms_secret(env: Mapping[str, str]) -> str:
    secret = (env.get("SMS_SECRET") or "").strip()
    if env.get("SMS_URL") and len(secret) < SHORTEST_SECRET:
        raise ConfigError(
            f"SMS_SECRET has {len(secret)} characters: give {SHORTEST_SECRET} or more, the same as at the gateway, "
            "which tells by them that a message is ours."
        )
    return secret


def _sender(env: Mapping[str, str]) -> str:
    sender = env.get("MAIL_FROM") or "Fifth Visit <console@localhost>"
    if not (sender.isprintable() and _is_address(parseaddr(sender)[1])):
        raise ConfigError(f"MAIL_FROM={sender!r}: give console@example.com or 'Fifth Visit <console@example.com>'.")
    return sender


def _support(env: Mapping[str, str]) -> str:
    address = (env.get("SUPPORT_ADDRESS") or "").strip()
    if address and not (parseaddr(address)[1] == address and _is_address(address)):
        raise ConfigError(f"SUPPORT_ADDRESS={address!r}: give the bare address, such as support@example.com.")
    return address


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(local and at and domain) and text.isascii()


def _script(env: Mapping[str, str]) -> str:
    url = env.get("HTMX_URL") or HTMX_URL
    here = url.startswith("/") and not url.startswith("//")
    if not (here or _readable(url, {"http", "https"})) or not _ADDRESS.fullmatch(url):
        raise ConfigError(
            f"HTMX_URL={url!r}: give the address of the script, such as {HTMX_URL}, or its path on this host, "
            "such as /static/htmx.min.js."
        )
    return url


_ADDRESS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&()*+=%]+")
"""What may stand in an address, but for quotes and what ends a source in a content security policy."""


def _hash(env: Mapping[str, str]) -> str:
    given = env.get("HTMX_INTEGRITY", HTMX_INTEGRITY)
    if given and not re.fullmatch(r"sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}", given):
        raise ConfigError(f"HTMX_INTEGRITY={given!r}: give the script's hash, such as {HTMX_INTEGRITY}, or nothing.")
    return given


def _proxies(env: Mapping[str, str]) -> str:
    given = env.get("FORWARDED_ALLOW_IPS") or "127.0.0.1"
    for one in given.split(",") if given != "*" else ():
        try:
            ip_network(one.strip())
        except ValueError as error:
            raise ConfigError(
                f"FORWARDED_ALLOW_IPS={given!r}: {error}. Give addresses or networks of proxies with commas between "
                "them, such as 127.0.0.1,10.0.0.0/8."
            ) from None
    return given


def _readable(url: str, schemes: set[str]) -> bool:
    """Whether an address has one of these schemes, a host, and a port that is a number if any."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
