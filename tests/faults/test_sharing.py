"""Commands beside a running console, and without one, work on the same data."""

from __future__ import annotations

import signal
import urllib.error
import urllib.request

import pytest

from console.services import LEAD_NOWHERE
from tests.faults.conftest import CONSOLE, House


def test_a_command_uses_the_running_database(house: House) -> None:
    house.up()
    assert house.run("migrate").returncode == 0


def test_a_command_starts_the_database_for_itself(new_house: House) -> None:
    assert new_house.run("migrate").returncode == 0
    assert new_house.left() == []


def test_a_command_waits_for_a_console_that_is_starting(house: House) -> None:
    up = house.begin()
    assert house.run("migrate").returncode == 0
    up.wait_for("Ready: ")


def test_two_commands_at_once_take_turns(house: House) -> None:
    house.up().end()
    first = house.begin(*CONSOLE, "migrate")
    assert house.run("migrate").returncode == 0
    assert first.process.wait(60) == 0


def test_ports_and_passwords_stay_over_restarts(house: House) -> None:
    up = house.up()
    told = house.run_json()
    up.end(signal.SIGKILL)
    up = house.up()
    assert {**house.run_json(), "pid": 0} == {**told, "pid": 0}


def test_lost_passwords_are_made_anew(new_house: House) -> None:
    new_house.up().end()
    (new_house.data_dir / "embedded.json").unlink()
    new_house.up()
    assert new_house.status("/readyz") == 200


def test_the_files_with_passwords_are_private(house: House) -> None:
    house.up()
    for name in ("run.json", "embedded.json"):
        assert (house.data_dir / name).stat().st_mode & 0o077 == 0


def test_outside_demo_mode_it_says_how_to_make_the_first_owner(new_house: House) -> None:
    up = new_house.up(DEMO="0")
    up.wait_for("staff add --name")
    assert str(new_house.data_dir) in up.said()
    made = new_house.run("staff", "add", "--name", "Anna Petrova", "--email", "anna@example.com")
    assert made.returncode == 0, made.stderr
    assert "Anna Petrova" in new_house.run("staff", "list").stdout
    up.end()
    again = new_house.up(DEMO="0")
    again.end()
    assert "staff add" not in again.said()


def test_a_console_that_listens_everywhere_says_where_it_opens_here_and_from_elsewhere(house: House) -> None:
    up = house.up(HOST="0.0.0.0")
    up.wait_for("From other computers: ")
    assert "http://0.0.0.0" not in up.said()
    assert house.run_json()["web_url"] == house.url
    assert house.status("/sign-in") == 200
    request = urllib.request.Request(f"{house.url}/sign-in", headers={"Host": f"evil.example:{house.port}"})
    with pytest.raises(urllib.error.HTTPError, match="421"):
        urllib.request.urlopen(request, timeout=120)


def test_a_console_whose_letters_have_links_for_nobody_else_says_so_once_it_is_ready(house: House) -> None:
    up = house.up(SMTP_URL="smtp://127.0.0.1:9")
    up.wait_for(LEAD_NOWHERE)
    assert up.said().count(LEAD_NOWHERE) == 1


def test_the_data_can_be_examined_with_and_without_a_running_console(house: House) -> None:
    up = house.up()
    assert house.run("doctor").returncode == 0
    up.end()
    assert house.run("doctor").returncode == 0
    assert house.left() == []
