"""A certificate for a name, made for one run: by openssl, which deploy/setup.sh makes sure of."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """A certificate that vouches for itself, and its key."""

    chain: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """For a server that shows it."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context

    def client(self) -> ssl.SSLContext:
        """For a client that trusts it and nothing else."""
        return ssl.create_default_context(cafile=self.chain)


def certificate(folder: Path, name: str) -> Certificate:
    """A certificate for a host, good for a day."""
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    named = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command = ["openssl", "req", "-x509", *made, *named, "-keyout", str(key), "-out", str(chain)]
    subprocess.run(command, check=True, capture_output=True)
    return Certificate(chain, key)
