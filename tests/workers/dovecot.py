"""A real IMAP server on loopback: Dovecot, as this user or as nobody, with a Maildir that mail is delivered into."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from console.processes import free_port
from tests.patience import PATIENCE
from tests.tls import certificate

PASSWORD = "se/cret"
BINARY = shutil.which("dovecot") or "/usr/sbin/dovecot"
CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
mailbox_list_index = no
maildir_very_dirty_syncs = no
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}
default_internal_user = {name}
default_internal_group = {group}
default_login_user = {name}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""
OF_2_3 = """
ssl_cert = <{chain}
ssl_key = <{key}
disable_plaintext_auth = no
mail_location = maildir:{home}/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
"""
SINCE_2_4 = """
ssl_server_cert_file = {chain}
ssl_server_key_file = {key}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {home}/%{{user}}
namespace inbox {{
  inbox = yes
}}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {home}
  }}
}}
"""
VERSIONED = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
"""
"""What a configuration begins with since 2.4."""


def _config() -> str:
    """What the server is told, in the words of its version."""
    said = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = said.split(".")[:2]
    return CONFIG + OF_2_3 if (int(major), int(minor)) < (2, 4) else VERSIONED + CONFIG + SINCE_2_4


@dataclass
class Dovecot:
    """The server, and the mailbox of one user after the other."""

    home: Path
    port: int = field(default_factory=free_port)
    secure_port: int = field(default_factory=free_port)
    user: str = ""

    @property
    def url(self) -> str:
        return f"imap://{self.user.replace('@', '%40')}:{PASSWORD.replace('/', '%2F')}@127.0.0.1:{self.port}/INBOX"

    def secure_url(self, host: str) -> str:
        return f"imaps://{self.user.replace('@', '%40')}:{PASSWORD.replace('/', '%2F')}@{host}:{self.secure_port}/INBOX"

    @property
    def maildir(self) -> Path:
        return self.home / self.user

    def start(self) -> None:
        who = pwd.getpwuid(65534 if os.getuid() == 0 else os.getuid())
        self._owner = (who.pw_uid, who.pw_gid)
        self.home.chmod(0o755)
        config = self.home / "dovecot.conf"
        said = {"name": who.pw_name, "group": _group(who.pw_gid), "uid": who.pw_uid, "gid": who.pw_gid}
        self.certificate = certificate(self.home, "localhost")
        told = {"chain": self.certificate.chain, "key": self.certificate.key, "secure_port": self.secure_port}
        config.write_text(_config().format(home=self.home, port=self.port, password=PASSWORD, **said, **told))
        self._process = subprocess.Popen([BINARY, "-F", "-c", str(config)])
        self._wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)

    def deliver(self, mail: bytes) -> Path:
        """Put a mail into the box, as a mail server does, and answer where it lies."""
        name = f"{time.time_ns()}.{uuid4().hex}.here"
        unfinished = self.maildir / "tmp" / name
        unfinished.write_bytes(mail)
        os.chown(unfinished, *self._owner)
        return unfinished.rename(self.maildir / "new" / name)

    def number_anew(self) -> None:
        """Forget which numbers mails have: the server gives them others, and says so by UIDVALIDITY."""
        for path in self.maildir.glob("dovecot*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        (self.maildir / "dovecot-uidlist").write_text(f"3 V{int(time.time()) + 1000} N1 G{uuid4().hex}\n")
        os.chown(self.maildir / "dovecot-uidlist", *self._owner)

    def empty(self) -> None:
        """Give a user a mailbox whom nobody has met: a session of another one may still write to theirs."""
        self.user = f"{uuid4().hex[:12]}@sparkle.example"
        for path in (self.maildir, *(self.maildir / part for part in ("cur", "new", "tmp"))):
            path.mkdir()
            os.chown(path, *self._owner)

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                if line.recv(4) == b"* OK":
                    return
            time.sleep(0.05)
        raise AssertionError((self.home / "log").read_text())


def _group(gid: int) -> str:
    return grp.getgrgid(gid).gr_name
