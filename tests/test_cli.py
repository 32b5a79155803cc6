"""The `console` command, as an operator meets it: real processes, no terminal to ask."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from console import embedded, services
from console.config import HTMX_INTEGRITY, HTMX_URL, ConfigError, Settings, secret_key
from console.domain import clock, db
from console.domain.team import queries
from console.listening import no_port
from console.processes import ServiceError, free_port
from tests import paper

SNAPSHOT = Path(__file__).parent / "routes.json"


async def console(settings: Settings | None, *words: str, **said: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "DEMO"}}
    if settings:
        env |= {"DATABASE_URL": settings.database_url or "", "REDIS_URL": settings.redis_url or ""}
        env |= {"CONSOLE_DATA_DIR": str(settings.data_dir)}
    env |= said
    command = [sys.executable, "-P", "-m", "console.cli", *words]
    return await asyncio.to_thread(
        subprocess.run, command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )


async def test_the_list_of_addresses_needs_no_database_and_changes_by_decision_only() -> None:
    done = await console(None, "routes", "--json")
    assert done.returncode == 0
    listed = json.loads(done.stdout)
    assert {tuple(sorted(one)) for one in listed} == {("method", "path", "permission")}
    assert listed == json.loads(SNAPSHOT.read_text()), "write it anew with `console routes --json > tests/routes.json`"


async def test_the_first_owner_is_made_by_one_command_and_gets_a_link(clean: None, settings: Settings) -> None:
    done = await console(settings, "staff", "add", "--name", "Olga Ёлкина", "--email", "OLGA@fifth.example")
    assert done.returncode == 0, done.stderr
    found = re.search(r"/links/(\S+)", done.stdout)
    assert found
    async with db.pool(settings.database_url or ""):
        link = await queries.link(found[1], clock.now())
        assert link is not None
        assert (link.name, link.email, link.purpose) == ("Olga Ёлкина", "olga@fifth.example", "invitation")
        assert (await queries.colleague(link.staff)).role == "owner"


async def test_a_password_given_at_once_needs_no_link(clean: None, settings: Settings) -> None:
    words = ("staff", "add", "--name", "Olga", "--email", "olga@fifth.example", "--password", "sweep the stairs")
    done = await console(settings, *words)
    assert done.returncode == 0, done.stderr
    assert "/links/" not in done.stdout
    async with db.pool(settings.database_url or ""):
        [olga] = await queries.colleagues()
        assert olga.has_password
    listed = await console(settings, "staff", "list")
    assert [line.split() for line in listed.stdout.splitlines()] == [["olga@fifth.example", "owner", "open", "Olga"]]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--email", ("--name", "Olga", "--email", "no mail")),
        ("--name", ("--name", "", "--email", "olga@fifth.example")),
        ("--name", ("--name", "x" * 500, "--email", "olga@fifth.example")),
        ("--password", ("--name", "Olga", "--email", "olga@fifth.example", "--password", "short")),
    ],
    ids=["a bad mail", "no name", "a long name", "a weak password"],
)
async def test_what_cannot_be_used_is_one_line_and_makes_nothing(
    clean: None, settings: Settings, option: str, words: tuple[str, ...]
) -> None:
    done = await console(settings, "staff", "add", *words)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "problem." not in done.stderr
    assert done.stderr.startswith(f"{option}: ")
    async with db.pool(settings.database_url or ""):
        assert await queries.colleagues() == []


async def test_an_unknown_command_is_answered_by_those_that_are_for_operators() -> None:
    done = await console(None, "frist-steps")
    assert done.returncode == 2
    assert "doctor" in done.stderr
    assert "first-steps" not in done.stderr


def test_passwords_that_the_consoles_own_database_does_not_have_are_answered_by_what_to_do(
    clean: None, settings: Settings
) -> None:
    url = (settings.database_owner_url or "").replace("_owner:", "_owner:x")
    with pytest.raises(
        ServiceError, match=r"password authentication failed.*delete .*embedded\.json and start"
    ) as said:
        services.bring_up_to_date(replace(settings, embedded=True, database_owner_url=url))
    assert "DATABASE_URL" not in str(said.value)


def too_late(settings: Settings) -> None:
    secret_key(settings)
    raise ConfigError("the port is taken")


@pytest.mark.parametrize("there", [False, True])
def test_a_start_that_is_refused_leaves_no_folder_that_was_not_there(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "data"
    if there:
        folder.mkdir()
    with pytest.raises(ConfigError), services.hold(folder, "up"):
        too_late(Settings(data_dir=folder))
    assert folder.exists() is there
    assert not there or list(folder.iterdir()) == []
    with services.hold(folder, "up"):
        (folder / "postgres").mkdir()
    assert {one.name for one in folder.iterdir()} == {"lock", "postgres"}


@pytest.mark.parametrize("there", [("photo.jpg",), ("log", "notes"), ("home", "srv", "usr", "var")], ids=str)
def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path: Path, there: tuple[str, ...]) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    with pytest.raises(ServiceError, match="CONSOLE_DATA_DIR"), services.hold(tmp_path, "up"):
        pass
    assert {one.name for one in tmp_path.iterdir()} == set(there)


@pytest.mark.parametrize(
    "there",
    [("log",), ("lost+found", ".snapshot"), ("bench",), ("postgres", "notes"), ("secret_key", "notes")],
    ids=str,
)
def test_a_folder_that_a_console_used_or_a_new_disk_is_taken(tmp_path: Path, there: tuple[str, ...]) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    with services.hold(tmp_path, "up"):
        assert (tmp_path / "lock").exists()


async def test_an_unknown_colleague_is_said_to_be_unknown(clean: None, settings: Settings) -> None:
    done = await console(settings, "staff", "link", "nobody@fifth.example")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody@fifth.example" in done.stderr


async def test_the_doctor_says_what_it_looked_at(clean: None, settings: Settings) -> None:
    done = await console(settings, "doctor")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].endswith("checks, 0 findings")


@pytest.mark.parametrize(("url", "told"), [("http://127.0.0.1:8000", True), ("https://console.example", False)])
async def test_the_doctor_tells_of_letters_whose_links_lead_nowhere_and_finds_no_fault_with_the_data(
    clean: None, settings: Settings, url: str, told: bool
) -> None:
    done = await console(settings, "doctor", SMTP_URL="smtp://127.0.0.1:25", PUBLIC_URL=url)
    assert (done.returncode, services.LEAD_NOWHERE in done.stdout) == (0, told)


async def test_a_setting_that_cannot_be_used_is_named() -> None:
    env = {**os.environ, "PORT": "many"}
    command = [sys.executable, "-P", "-m", "console.cli", "doctor"]
    done = await asyncio.to_thread(subprocess.run, command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("PORT='many'")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "foo"),
        ("REDIS_URL", "redis://host:abc"),
        ("SMTP_URL", "smtp://host:abc"),
        ("SMTP_URL", "mail.example.com"),
        ("IMAP_URL", "imap://user:password@mail.example.com/INBOX"),
        ("IMAP_URL", "imaps://mail.example.com/INBOX"),
        ("MAIL_FROM", "console"),
        ("MAIL_FROM", "Fifth Visit <console@пример.рф>"),
        ("FORWARDED_ALLOW_IPS", "proxy"),
        ("FORWARDED_ALLOW_IPS", "10.0.0.1/24"),
        ("FORWARDED_ALLOW_IPS", "127.0.0.1,*"),
        ("PUBLIC_URL", "example.com"),
        ("PUBLIC_URL", "https://example.com/console"),
        ("PUBLIC_URL", "https://["),
        ("PUBLIC_URL", "http://0.0.0.0:8000"),
        ("PUBLIC_URL", "http://[::]:8000"),
        ("HTMX_URL", "htmx.min.js"),
        ("HTMX_URL", "cdn.example/htmx.min.js"),
        ("HTMX_URL", "//cdn.example/htmx.min.js"),
        ("HTMX_URL", "https:///htmx.min.js"),
        ("HTMX_URL", "javascript:alert(1)"),
        ("HTMX_URL", "https://cdn.example/htmx.js; script-src *"),
        ("HTMX_URL", "https://cdn.example/htmx.js\n"),
        ("HTMX_INTEGRITY", "sha384"),
        ("HTMX_INTEGRITY", "2OatzQy1H"),
        ("CONSOLE_DATA_DIR", "~"),
        ("CONSOLE_DATA_DIR", "~/fifth-visit"),
        ("CONSOLE_DATA_DIR", "~nobody-here/fifth-visit"),
    ],
)
def test_an_address_that_makes_no_sense_is_said_to_make_none(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}"):
        Settings.from_env({name: value})


def test_a_home_directory_that_no_shell_has_put_in_is_named_whole() -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_env({"CONSOLE_DATA_DIR": "~/fifth-visit"})
    assert str(Path.home() / "fifth-visit") in str(refused.value)


@pytest.mark.parametrize(
    ("url", "integrity"),
    [
        (HTMX_URL, HTMX_INTEGRITY),
        ("/static/htmx.min.js", ""),
        ("http://127.0.0.1:9000/htmx.js?v=2", "sha256-6bdbe2a1="),
    ],
)
def test_the_script_may_come_from_elsewhere(url: str, integrity: str) -> None:
    made = Settings.from_env({"HTMX_URL": url, "HTMX_INTEGRITY": integrity})
    assert (made.htmx_url, made.htmx_integrity) == (url, integrity)


@pytest.mark.parametrize("word", ["serve", "worker"])
async def test_an_address_that_makes_no_sense_is_one_line_at_the_start(settings: Settings, word: str) -> None:
    done = await console(replace(settings, redis_url="foo"), word)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith("REDIS_URL")


@pytest.mark.parametrize(("embedded", "advice"), [("1", "started again by itself"), ("0", "Check DATABASE_URL")])
async def test_who_runs_the_embedded_database_is_not_told_to_check_its_address(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, embedded: str, advice: str
) -> None:
    monkeypatch.setenv("DATABASE_EMBEDDED", embedded)
    done = await console(replace(settings, database_url="postgresql://somebody@127.0.0.1:1/nothing"), "worker")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert advice in done.stderr


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("::1", "http://[::1]:8000"),
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("here", "http://here:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
    ],
)
def test_the_address_that_is_shown_can_be_opened(host: str, url: str) -> None:
    assert Settings.from_env({"HOST": host}).public_url == url


OLGA = ("staff", "add", "--name", "Olga", "--email", "olga@fifth.example")


async def mail_statuses(settings: Settings) -> list[str]:
    async with db.pool(settings.database_url or ""):
        return [row["status"] for row in await db.fetch("SELECT status FROM staff_mail ORDER BY id")]


async def test_the_terminal_hands_the_link_over_and_no_mail_goes_out(clean: None, settings: Settings) -> None:
    done = await console(settings, *OLGA)
    assert await mail_statuses(settings) == ["skipped"]
    again = await console(settings, "staff", "link", "OLGA@fifth.example")
    assert (again.returncode, await mail_statuses(settings)) == (0, ["skipped", "skipped"])
    assert all("It opens only on this computer" in said.stdout for said in (done, again))
    first, second = (re.findall(r"/links/(\S+)", said.stdout)[0] for said in (done, again))
    async with db.pool(settings.database_url or ""):
        assert await queries.link(first, clock.now()) is None
        assert await queries.link(second, clock.now()) is not None


async def test_an_address_that_is_taken_is_one_line_and_makes_no_second_account(
    clean: None, settings: Settings
) -> None:
    await console(settings, *OLGA)
    done = await console(settings, *OLGA)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.strip().endswith(".venv/bin/console staff link olga@fifth.example"), "the way on"
    listed = await console(settings, "staff", "list")
    assert [line.split() for line in listed.stdout.splitlines()] == [["olga@fifth.example", "owner", "invited", "Olga"]]


async def test_an_address_of_another_alphabet_is_taken_as_it_is_read_and_as_mail_knows_it(
    clean: None, settings: Settings
) -> None:
    await console(settings, "staff", "add", "--name", "Ute", "--email", "u@bücher.example")
    for typed in ("u@bücher.example", "u@xn--bcher-kva.example"):
        assert "/links/" in (await console(settings, "staff", "link", typed)).stdout
    assert (await console(settings, "staff", "list")).stdout.startswith("u@bücher.example ")


async def test_the_second_step_of_somebody_who_lost_the_phone_is_turned_off(clean: None, settings: Settings) -> None:
    await console(settings, *OLGA)
    async with db.pool(settings.database_url or ""):
        await db.execute("UPDATE staff SET totp_secret = 'x', totp_step = 1")
    done = await console(settings, "staff", "two-step-off", "olga@fifth.example")
    assert done.returncode == 0, done.stderr
    async with db.pool(settings.database_url or ""):
        assert not (await queries.colleagues())[0].two_step


async def test_a_second_step_that_is_not_on_is_said_to_be_off_and_is_no_change(clean: None, settings: Settings) -> None:
    await console(settings, *OLGA)
    done = await console(settings, "staff", "two-step-off", "olga@fifth.example")
    assert (done.returncode, "has no two-step sign-in" in done.stdout) == (0, True)
    async with db.pool(settings.database_url or ""):
        assert not await db.fetchval("SELECT EXISTS (SELECT FROM operation WHERE kind = 'staff.two_step_off')")


async def test_a_list_of_nobody_says_how_to_make_the_first_account(clean: None, settings: Settings) -> None:
    done = await console(settings, "staff", "list")
    assert (done.returncode, "There is nobody yet" in done.stdout) == (0, True)
    assert "console staff add --name" in done.stdout


NOBODY_THERE = "postgresql://u:secret@127.0.0.1:1/x"


@pytest.mark.parametrize(
    ("words", "url"),
    [
        (OLGA, NOBODY_THERE),
        (("doctor",), NOBODY_THERE),
        (("staff", "list"), "postgresql://u:secret@127.0.0.1/["),
        (("doctor",), "nonsense"),
        (("serve",), NOBODY_THERE),
        (("worker",), NOBODY_THERE),
    ],
    ids=["staff add", "doctor", "a broken address", "no address", "serve", "worker"],
)
async def test_a_database_that_cannot_be_used_is_one_line_without_its_password(
    settings: Settings, words: tuple[str, ...], url: str
) -> None:
    done = await console(replace(settings, database_url=url), *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "secret" not in done.stderr
    assert "DATABASE_URL" in done.stderr


async def test_a_database_without_tables_is_told_to_migrate(
    settings: Settings, postgres_server: embedded.Postgres
) -> None:
    empty = replace(settings, database_url=postgres_server.url(embedded.SUPERUSER, "postgres"))
    for words in (OLGA, ("doctor",), ("serve",), ("worker",)):
        done = await console(empty, *words)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert "console migrate" in done.stderr


async def test_a_database_that_the_role_may_not_enter_is_said_in_one_line(
    clean: None, settings: Settings, postgres_server: embedded.Postgres
) -> None:
    done = await console(
        replace(settings, database_url=postgres_server.url(embedded.APPLICATION, "postgres")), "staff", "list"
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "permission denied" in done.stderr


@pytest.mark.parametrize("words", [OLGA, ("staff", "list"), ("serve",), ("worker",)], ids=" ".join)
async def test_a_database_of_a_newer_version_is_left_alone(
    clean: None, settings: Settings, as_owner: asyncpg.Connection, words: tuple[str, ...]
) -> None:
    await as_owner.execute("INSERT INTO migration (name, app_name) VALUES ('9999-12-31', 'console')")
    done = await console(settings, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "newer version" in done.stderr
    assert await as_owner.fetchval("SELECT count(*) FROM staff") == 0


async def test_the_doctor_names_what_is_wrong_and_exits_with_1(
    clean: None, settings: Settings, as_superuser: asyncpg.Connection
) -> None:
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute("UPDATE business SET version = 7")
    done = await console(settings, "doctor")
    assert done.returncode == 1
    assert "business 1 is at version 7, the trail says 1" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("1 findings")


async def test_bytes_that_are_no_text_are_refused_in_a_line(clean: None, settings: Settings) -> None:
    for words in (
        (*OLGA, "--password", "no text \udcff here"),
        ("staff", "add", "--name", "\udcff", "--email", "a@b.c"),
    ):
        done = await console(settings, *words)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    async with db.pool(settings.database_url or ""):
        assert await queries.colleagues() == []


async def at(folder: Path, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    """A command as it is typed in a folder."""
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "CONSOLE_DATA_DIR"}}
    command = [sys.executable, "-P", "-m", "console.cli", *words]
    return await asyncio.to_thread(
        subprocess.run, command, env={**env, **given}, cwd=folder, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("words", [OLGA, ("staff", "list"), ("staff", "link", "a@b.example"), ("doctor",)])
@pytest.mark.parametrize("given", [{}, {"CONSOLE_DATA_DIR": "data"}], ids=["nothing named", "a directory named"])
async def test_only_up_and_migrate_begin_a_database(
    tmp_path: Path, words: tuple[str, ...], given: dict[str, str]
) -> None:
    done = await at(tmp_path, *words, **given)
    assert (done.returncode, done.stdout, os.listdir(tmp_path)) == (1, "", [])
    assert f"There is no console in {tmp_path}/{given.get('CONSOLE_DATA_DIR', 'var')} yet" in done.stderr
    assert "--data-dir" in done.stderr


@pytest.fixture
def runs_elsewhere(tmp_path: Path) -> Iterator[Path]:
    """The data of something that looks as a console does which was started in this folder."""
    data = tmp_path / "my data"
    data.mkdir()
    stays = "import sys, time; print('up', flush=True); time.sleep(600)"
    env = {**os.environ, "CONSOLE_DATA_DIR": data.name}
    with subprocess.Popen(
        [sys.executable, "-c", stays, "console", "up"], cwd=tmp_path, env=env, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        services.Running(process.pid, "up", ready=True).write(data)
        yield data
        process.kill()


async def test_a_console_of_this_folder_that_runs_on_other_data_is_named(tmp_path: Path, runs_elsewhere: Path) -> None:
    done = await at(tmp_path, "staff", "list")
    assert done.returncode == 1
    assert f"CONSOLE_DATA_DIR='{runs_elsewhere}'" in done.stderr


async def test_an_import_begins_no_database_that_nobody_named_beside_a_console_that_runs(
    tmp_path: Path, runs_elsewhere: Path
) -> None:
    (tmp_path / "visits.csv").write_text("Client,Date\nBob,2026-05-25\n")
    words = ("import", "visits.csv", "--mapping", "sheet", "--currency", "CAD", "--zone", "America/Vancouver")
    done = await at(tmp_path, *words)
    assert (done.returncode, done.stdout, (tmp_path / "var").exists()) == (1, "", False)
    assert f"There is no console in {tmp_path}/var yet: nothing was made." in done.stderr
    assert f"CONSOLE_DATA_DIR='{runs_elsewhere}'" in done.stderr
    done = await at(tmp_path, *words, "--data-dir", "meant")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"Works on the data of Fifth Visit in {tmp_path}/meant"
    (alone := tmp_path / "alone").mkdir()
    done = await at(alone, "import", "../visits.csv", *words[2:])
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"Works on the data of Fifth Visit in {alone}/var")


def test_a_port_of_a_console_of_this_folder_is_told_from_another_program_s(
    runs_elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(runs_elsewhere.parent)
    running = services.Running.read(runs_elsewhere)
    assert running
    replace(running, web_url="http://127.0.0.1:8123").write(runs_elsewhere)
    assert services.console_at(8123) == runs_elsewhere
    assert services.console_at(8124) is None
    taken = OSError(errno.EADDRINUSE, "in use")
    assert f"the console of this folder that runs on {runs_elsewhere}" in no_port(taken, Settings(port=8123))
    assert "taken by another program" in no_port(taken, Settings(port=8124))


@pytest.mark.parametrize(
    ("url", "only_here"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://192.168.1.20:8000", False),
        ("https://console.example", False),
    ],
)
def test_links_lead_to_this_computer_alone_until_somebody_says_where_the_console_is(url: str, only_here: bool) -> None:
    assert Settings(public_url=url).only_here is only_here


def test_a_link_has_the_address_of_the_console_that_runs() -> None:
    running = services.Running(1, "up", web_url="http://127.0.0.1:8123", database_url="postgresql://x")
    assert services._reached(Settings(), running).public_url == "http://127.0.0.1:8123"
    chosen = Settings(public_url="https://console.example")
    assert services._reached(chosen, running).public_url == "https://console.example"


def test_first_steps_say_in_a_line_that_the_database_is_not_there() -> None:
    nobody = Settings(database_url=f"postgresql://x@127.0.0.1:{free_port()}/x")
    with pytest.raises(services.ServiceError, match="cannot be used"):
        services.first_steps(nobody)


def test_first_steps_are_typed_with_the_data_they_are_for(tmp_path: Path) -> None:
    typed = services.as_typed(Settings(data_dir=tmp_path / "my data"), services.NEW_LINK)
    assert typed == f"CONSOLE_DATA_DIR='{tmp_path}/my data' .venv/bin/console staff link you@example.com"
    assert services.as_typed(Settings(), services.NEW_LINK).startswith(".venv/bin/console ")


@pytest.mark.parametrize(("document", "language"), [("rules", "en"), ("procedures", "ru")])
async def test_the_rules_of_a_new_database_are_printed_as_a_draft_and_the_same_again(
    clean: None, settings: Settings, document: str, language: str
) -> None:
    files = [settings.data_dir / name for name in ("first.pdf", "again.pdf")]
    for file in files:
        done = await console(settings, "print", document, "--language", language, "--out", str(file))
        assert done.returncode == 0, done.stderr
    assert files[0].read_bytes() == files[1].read_bytes()
    assert paper.has(files[0].read_bytes(), {"en": "Draft, not in force", "ru": "Черновик, не действует"}[language])
    async with db.pool(settings.database_url or ""):
        assert await db.fetchval("SELECT count(*) FROM printed") == 1


async def test_a_print_that_cannot_be_made_or_written_is_one_line(clean: None, settings: Settings) -> None:
    for words in (("rules", "--paper", "a3", "--out", "x.pdf"), ("rules", "--out", "/nowhere/at/all.pdf")):
        done = await console(settings, "print", *words)
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
