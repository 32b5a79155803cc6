"""Known vulnerabilities of the packages in requirements.lock; a line and no failure when no service answers."""

# ruff: noqa: T201

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = ["pip-audit", "-r", "requirements.lock", "--disable-pip", "--progress-spinner=off", "--timeout=15"]


def main() -> int:
    """0 when nothing is known or nobody can be asked, 1 with the list when something is."""
    for service in ("pypi", "osv"):
        packages = [package for package in ask(service) if "vulns" in package]
        if not packages:
            continue
        found = [package for package in packages if package["vulns"]]
        for package in found:
            ids = ", ".join(entry["id"] for entry in package["vulns"])
            print(f"{package['name']} {package['version']}: {ids}")
        print(f"{len(packages)} packages looked up at {service}, {len(found)} with known vulnerabilities.")
        return 1 if found else 0
    print("Skipped: no vulnerability service can be reached from here.")
    return 0


def ask(service: str) -> list[dict[str, Any]]:
    """The packages as the service knows them; none when it did not answer."""
    command = [str(Path(sys.executable).with_name(COMMAND[0])), *COMMAND[1:], f"--vulnerability-service={service}"]
    done = subprocess.run([*command, "--format=json"], capture_output=True, text=True, check=False)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return packages


if __name__ == "__main__":
    sys.exit(main())
