"""What is killed comes back by itself, on the same addresses."""

from __future__ import annotations

import signal

from tests.faults.conftest import House, wait_until


def test_each_killed_child_is_started_again(house: House) -> None:
    up = house.up()
    before = house.run_json()
    for times, words in enumerate(["console.cli worker", "console.cli serve", "valkey-server", "postgres -D"], 1):
        killed = up.kill_child(words)
        wait_until(lambda: up.said().count("SIGKILL; starting it again") == times)  # noqa: B023 asked before the next
        wait_until(lambda: up.child(words) != killed)  # noqa: B023
        wait_until(lambda: house.status("/readyz") == 200)
        assert "Traceback" not in up.said(), words
        assert "Check DATABASE_URL" not in up.said(), words
        assert house.run_json() == before, words
        assert house.run("migrate").returncode == 0, words
    assert up.end(signal.SIGINT) == 0


def test_it_serves_from_several_web_processes(house: House) -> None:
    up = house.up(WEB_PROCESSES="2")
    assert sum("cli serve" in line for line in up.children().values()) == 2
    up.kill_child("cli serve")
    assert house.status("/livez") == 200
    wait_until(lambda: sum("cli serve" in line for line in up.children().values()) == 2)


def test_what_keeps_ending_is_said_while_the_rest_serves(house: House) -> None:
    up = house.up(REDIS_URL="redis://127.0.0.1:1/0")
    up.wait_for("The worker ended with exit code 1, 3 times in a row")
    assert "REDIS_URL cannot be reached" in up.said()
    assert "Traceback" not in up.said()
    assert house.status("/livez") == 200
    assert up.end(signal.SIGINT) == 0
