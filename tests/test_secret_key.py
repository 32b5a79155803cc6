"""The key that signs form tokens: one for all processes, whole or none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from console.config import ConfigError, Settings, secret_key

PROCESSES, ROUNDS = 4, 15

AT_ONCE = """
import sys
from pathlib import Path
from console.config import Settings, secret_key
for line in sys.stdin:
    print(secret_key(Settings(data_dir=Path(line.strip()))), flush=True)
"""
DISK_FULL = """
import resource, sys
from pathlib import Path
from console.config import Settings, secret_key
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
try:
    secret_key(Settings(data_dir=Path(sys.argv[1])))
except OSError:
    print("could not be written")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(len(secret_key(Settings(data_dir=Path(sys.argv[1])))))
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-B", "-P", "-c", code, *arguments]


def test_processes_that_start_at_once_on_a_fresh_directory_get_one_and_the_same_key(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(python(AT_ONCE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    try:
        for number in range(ROUNDS):
            for one in started:
                assert one.stdin is not None
                one.stdin.write(f"{tmp_path / str(number)}\n")
            for one in started:
                assert one.stdin is not None
                one.stdin.flush()
            keys = {one.stdout.readline().strip() for one in started if one.stdout}
            assert [len(key) for key in keys] == [64]
            assert [path.name for path in (tmp_path / str(number)).iterdir()] == ["secret_key"]
    finally:
        for one in started:
            one.communicate()


def test_a_disk_that_is_full_leaves_no_part_of_a_key(tmp_path: Path) -> None:
    done = subprocess.run(python(DISK_FULL, str(tmp_path)), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["could not be written", "64"]
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("cut", ["", "\n", "half-of-a-key"])
def test_a_file_that_holds_no_whole_key_is_refused_with_what_to_do(tmp_path: Path, cut: str) -> None:
    (tmp_path / "secret_key").write_text(cut)
    with pytest.raises(ConfigError, match=r"secret_key holds \d+ characters .* Delete it: a new one is made"):
        secret_key(Settings(data_dir=tmp_path))
    (tmp_path / "secret_key").unlink()
    assert len(secret_key(Settings(data_dir=tmp_path))) == 64


@pytest.mark.parametrize("kind", ["a directory", "a link to nothing"])
def test_what_cannot_be_read_as_a_key_is_refused_with_what_to_do(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "secret_key"
    if kind == "a directory":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "gone")
    with pytest.raises(ConfigError, match=r"secret_key cannot be used: .*move it away: a new one is made"):
        secret_key(Settings(data_dir=tmp_path))


def test_the_key_stays_the_same_and_nobody_else_reads_it(tmp_path: Path) -> None:
    first = secret_key(Settings(data_dir=tmp_path))
    assert secret_key(Settings(data_dir=tmp_path)) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("given", ["secret", "x" * 31, " " * 40 + "x"])
def test_a_short_key_of_the_environment_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match=r"^SECRET_KEY has \d+ characters: give 32 or more"):
        Settings.from_env({"SECRET_KEY": given})
