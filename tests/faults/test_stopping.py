"""Stopping leaves nothing behind, however it comes about."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from console.processes import alive
from tests.faults.conftest import CONSOLE, House, wait_until


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_child_and_nobody_listens(house: House, number: signal.Signals) -> None:
    up = house.up()
    children = up.children()
    assert len(children) == 4
    assert up.end(number) == 0
    assert not any(alive(pid) for pid in children)
    assert house.left() == []
    assert not (house.data_dir / "run.json").exists()
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", house.port)) != 0, "somebody listens"


def test_ctrl_c_while_it_starts_stops_what_was_started(new_house: House) -> None:
    up = new_house.begin()
    up.wait_for("Starting Valkey")
    assert up.end() == 0
    assert new_house.left() == []


def test_a_killed_supervisor_leaves_no_process_and_the_next_start_serves(house: House) -> None:
    up = house.up()
    up.end(signal.SIGKILL)
    again = house.up()
    assert house.status("/readyz") == 200
    assert len(again.children()) == 4
    again.end()
    assert house.left() == []


def test_a_killed_supervisor_takes_everything_with_it(house: House) -> None:
    house.up().end(signal.SIGKILL)
    wait_until(lambda: not house.left())
    assert house.left() == []


def test_it_stops_with_the_process_it_is_tied_to(house: House) -> None:
    parent = house.begin("sh", "-c", '"$@" --tied $$; :', "sh", *CONSOLE, "up")
    parent.wait_for("Ready: ")
    os.kill(parent.process.pid, signal.SIGKILL)
    wait_until(lambda: not house.left())
    assert house.left() == []


def test_it_is_not_tied_to_a_stranger(house: House) -> None:
    done = house.run("up", "--tied", "1")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
