"""Passwords and ports of the embedded servers."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from console.processes import ServiceError, write_private


@dataclass(frozen=True)
class Keys:
    """Passwords and ports of the embedded servers, kept in a file that only its owner reads."""

    superuser: str
    owner: str
    application: str
    valkey: str
    postgres_port: int | None = None
    valkey_port: int | None = None

    @classmethod
    def load(cls, path: Path) -> Keys | None:
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise ServiceError(f"{path} cannot be read. Delete it: new passwords are made.") from None

    @classmethod
    def new(cls) -> Keys:
        superuser, owner, application, valkey = (secrets.token_urlsafe(24) for _ in range(4))
        return cls(superuser, owner, application, valkey)

    @property
    def of_postgres(self) -> str:
        """By what it is told whether a cluster has these passwords: they are too long to be guessed from it."""
        return hashlib.sha256("\n".join((self.superuser, self.owner, self.application)).encode()).hexdigest()

    def with_port(self, field: str, port: int) -> Keys:
        return Keys(**{**asdict(self), field: port})

    def save(self, path: Path) -> None:
        draft = path.with_name(f"{path.name}.new")
        write_private(draft, json.dumps(asdict(self)))
        draft.rename(path)
