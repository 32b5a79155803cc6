"""The `console` command. Everything heavy is imported by the command that needs it.

A new command is one function: `@command("staff add", "Make an account", option("--email", required=True))`.
It gets the settings and the parsed arguments, prints for operators, and returns an exit code or None.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.config import ConfigError, Settings
from console.processes import ServiceError, explain

if TYPE_CHECKING:
    from console.erasures import Replayed

LAST_YEAR = 9_000

Run = Callable[[Settings, argparse.Namespace], int | None]


@dataclass(frozen=True)
class Option:
    """What `ArgumentParser.add_argument` takes."""

    names: tuple[str, ...]
    details: dict[str, Any]


@dataclass(frozen=True)
class Command:
    """A command: its name of one or two words, its help (None: not listed), its options, its function."""

    name: str
    help: str | None
    options: tuple[Option, ...]
    run: Run


COMMANDS: dict[str, Command] = {}


def _day(said: str) -> date:
    """A date of an option; the rules reckon with dates after it, so it is not the last that there is."""
    try:
        found = date.fromisoformat(said)
    except ValueError:
        found = date.max
    if found.year > LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{said} is no date such as 2026-05-12")
    return found


def option(*names: str, **details: Any) -> Option:
    """An option or argument of a command."""
    return Option(names, details)


def command(name: str, help: str | None, *options: Option) -> Callable[[Run], Run]:
    """Register a function as the command `name`."""

    def register(run: Run) -> Run:
        COMMANDS[name] = Command(name, help, options, run)
        return run

    return register


@command(
    "up",
    "Run everything: PostgreSQL and Valkey unless their URLs are given, migrations, web and worker",
    option("--tied", type=int, metavar="PID", help="stop when this parent process ends"),
)
def up(settings: Settings, args: argparse.Namespace) -> int:
    from console import supervisor

    return supervisor.up(settings, tied_to=args.tied)


@command(
    "serve",
    "Run one web process against DATABASE_URL and REDIS_URL",
    option("--fd", type=int, help="serve the listening socket of this file descriptor, not HOST and PORT"),
    option("--access-log", action="store_true", help="write a line for each request"),
)
def serve(settings: Settings, args: argparse.Namespace) -> int:
    from console import serving

    _need(settings)
    return serving.web(settings, fd=args.fd, access_log=args.access_log)


@command("worker", "Run one worker against DATABASE_URL and REDIS_URL")
def worker(settings: Settings, args: argparse.Namespace) -> int:
    from console import serving

    _need(settings)
    return serving.worker(settings)


@command("migrate", "Bring the database up to date; safe to run from several machines at once")
def migrate(settings: Settings, args: argparse.Namespace) -> None:
    from console.services import bring_up_to_date, services

    with services(settings, "migrate", begins=True) as ready:
        bring_up_to_date(ready)


@command(
    "routes",
    "List every address with its method and permission",
    option("--json", action="store_true", help="as a JSON array"),
)
def routes(settings: Settings, args: argparse.Namespace) -> None:
    import json

    from console.app import routes

    listed = routes()
    if args.json:
        print(json.dumps(listed, indent=1))
        return
    for one in listed:
        print(f"{one['method']:6} {one['path']:45} {one['permission']}")


@command(
    "staff add",
    "Make an account and print the link by which its owner chooses a password",
    option("--name", required=True),
    option("--email", required=True),
    option("--role", default="owner", choices=["front_desk", "support", "manager", "owner"], help="default: owner"),
    option("--language", choices=["en", "ru"], help="default: the business's"),
    option("--password", help="set it now and print no link (other users of this machine may see it)"),
)
def staff_add(settings: Settings, args: argparse.Namespace) -> None:
    from console import accounts
    from console.services import elsewhere, services

    with services(settings, "staff add") as ready:
        if not settings.database_url:
            for other in elsewhere(settings):
                print(f"Note: {other}", file=sys.stderr)
            print(f"Data directory: {settings.data_dir}")
        print(accounts.add(ready, args.name, args.email, args.role, args.language, args.password))


@command("staff link", "Print a new link by which somebody chooses a password", option("email"))
def staff_link(settings: Settings, args: argparse.Namespace) -> None:
    from console import accounts
    from console.services import services

    with services(settings, "staff link") as ready:
        print(accounts.link(ready, args.email))


@command("staff two-step-off", "Let somebody who lost their phone in by password alone", option("email"))
def staff_two_step_off(settings: Settings, args: argparse.Namespace) -> None:
    from console import accounts
    from console.services import services

    with services(settings, "staff two-step-off") as ready:
        print(accounts.two_step_off(ready, args.email))


@command("staff list", "List the accounts")
def staff_list(settings: Settings, args: argparse.Namespace) -> None:
    from console import accounts
    from console.services import FIRST_OWNER, as_typed, services

    with services(settings, "staff list") as ready:
        nobody = f"There is nobody yet. Make the first account:\n  {as_typed(settings, FIRST_OWNER)}"
        for line in accounts.listed(ready) or [nobody]:
            print(line)


@command(
    "erasures export",
    "Write the list of erased clients, to be kept outside of the backups",
    option("file", help="a file, - for standard output"),
)
def erasures_export(settings: Settings, args: argparse.Namespace) -> None:
    from console import erasures
    from console.processes import write_private
    from console.services import services

    with services(settings, "erasures export") as ready:
        listed = erasures.exported(ready)
    if args.file == "-":
        print(listed, end="")
        return
    try:
        write_private(Path(args.file), listed)
    except OSError as error:
        raise ServiceError(f"{args.file} cannot be written: {error}") from None


@command(
    "erasures replay",
    "Erase again whoever a restored backup brought back; twice is once",
    option("file", help="a list that `console erasures export` wrote, - for standard input"),
)
def erasures_replay(settings: Settings, args: argparse.Namespace) -> int:
    from console import erasures
    from console.services import services

    listed = _list_of(args.file)
    with services(settings, "erasures replay") as ready:
        return _replayed(erasures.replay(ready, listed))


@command(
    "restored",
    "After a backup was restored: end all sessions, revoke all links, withdraw waiting letters, erase again",
    option("file", nargs="?", help="a list that `console erasures export` wrote, - for standard input"),
)
def restored(settings: Settings, args: argparse.Namespace) -> int:
    from console import accounts, erasures
    from console.services import services

    listed = _list_of(args.file) if args.file else None
    with services(settings, "restored") as ready:
        if listed is not None:
            erasures.read(listed)
        print(accounts.after_a_restore(ready))
        return 0 if listed is None else _replayed(erasures.replay(ready, listed))


@command(
    "print",
    "Print the rules of the programme in force, else of the next version, else of the draft",
    option("document", choices=["rules", "procedures", "poster", "stamps"], help="what to print"),
    option("--language", choices=["en", "ru"], help="default: the business's"),
    option("--paper", choices=["a4", "a3"], default="a4", help="default: a4; a3 is for the poster"),
    option("--out", required=True, metavar="FILE.pdf", help="where to write it"),
)
def print_(settings: Settings, args: argparse.Namespace) -> None:
    from console import prints_out
    from console.services import services

    with services(settings, "print") as ready:
        content = prints_out.made(ready, args.document, args.language, args.paper)
    try:
        Path(args.out).write_bytes(content)
    except OSError as error:
        raise ServiceError(f"{args.out} cannot be written: {error}") from None


@command(
    "import",
    "Bring in the books of another programme: a folder of files, or one file",
    option("path", metavar="FOLDER_OR_FILE", help="CSV, XLSX or ODS; or the word undo, to take a run back"),
    option("run", nargs="?", metavar="RUN", help="after undo: which one"),
    option("--mapping", default="salon", metavar="NAME_OR_PATH", help="salon (default), sheet, or a TOML file"),
    option("--currency", metavar="CODE", help="what the amounts are in, where the mapping does not say it: CAD"),
    option("--zone", metavar="NAME", help="the time zone of the location that is made: America/Vancouver"),
    option("--report", metavar="FILE.json", help="write what became of the rows of each file"),
    option(
        "--as-of", nargs="?", const="last", metavar="DATE", help="run the programme over it; default: the last receipt"
    ),
    option("--reminders", action="store_true", help="remind clients of bookings that are still to come"),
    option("--dry-run", action="store_true", help="only say what would become of the rows, and keep nothing"),
    option("--rejected", metavar="FOLDER", help="write the rows that were not taken in, with why in a last column"),
)
def import_(settings: Settings, args: argparse.Namespace) -> None:
    from console import import_books, importing
    from console.reaching import works_on
    from console.services import bring_up_to_date, elsewhere, services

    if args.path == "undo":
        with services(settings, "import undo") as ready:
            print(works_on(settings, ready))
            importing.undo(ready, args.run or "")
        print(f"Run {args.run} is taken back.")
        return
    if args.rejected:
        importing.look_at_rejected(args.path, args.rejected)
    said = import_books.Said(args.currency, args.zone)
    import_books.look_at_said(said)
    import_books.mapping_text(args.mapping)
    import_books.files(args.path)
    with services(settings, "import", begins=settings.data_dir_named or not elsewhere(settings)) as ready:
        bring_up_to_date(ready)
        where = works_on(settings, ready)
        read = import_books.books_here(ready, args.path, args.mapping, said)
        if args.as_of:
            importing.look_at_rules(ready, read, args.as_of)
        for line in (where, *importing.styles(read)):
            print(line)
        if args.dry_run:
            brought, seen = None, importing.dry_run(ready, read, args.as_of)
            files, lines = seen.files, importing.cards(ready, read, seen, args.as_of)
        else:
            brought = importing.run(ready, read, reminders=args.reminders)
            files, lines = brought.files, importing.programme(ready, read, args.as_of) if args.as_of else ()
        for line in importing.table(files):
            print(line)
        if args.report:
            importing.write_report(files, args.report)
        if args.rejected:
            importing.write_rejected(read, files, args.rejected)
        if brought:
            print(importing.ended(brought))
        else:
            print("Nothing of it was kept.")
        for line in lines:
            print(line)


@command(
    "replay",
    "Try rules on a history of visits: what each client would have had by them; needs no database",
    option("visits", metavar="VISITS.csv", help="columns client, date, price in minor units, and service if you like"),
    option("--rules", required=True, metavar="RULES.toml", help="tables counter, tiers with [[tiers.tier]], points"),
    option("--as-of", required=True, type=_day, metavar="DATE", help="the last date, such as 2026-05-12"),
    option("--out", required=True, metavar="OUT.csv", help="where to write a row a client"),
)
def replay(settings: Settings, args: argparse.Namespace) -> int:
    import time

    from console import replaying

    began = time.perf_counter()
    try:
        with replaying.without_collecting():
            programme = replaying.rules(args.rules)
            found = replaying.history(args.visits, args.as_of)
            totals = replaying.write(replaying.outcomes(programme, found.visits, args.as_of), args.out)
    except replaying.BadInput as error:
        print(error, file=sys.stderr)
        return 2
    for line in replaying.told_of_rejected(found.rejected):
        print(line, file=sys.stderr)
    for line in replaying.told(found, totals, time.perf_counter() - began):
        print(line)
    return 0


@command(
    "demo",
    "Bring the demo up to today, as each start with DEMO=1 does; `demo reset` takes it away and makes a new one",
    option("what", nargs="?", choices=["reset"], help="begin anew: all that was done in the demo is gone"),
    option("--yes", action="store_true", help="do not ask"),
)
def demo(settings: Settings, args: argparse.Namespace) -> int:
    from dataclasses import replace

    from console import demo, demo_reset
    from console.services import bring_up_to_date, services

    with services(settings, "demo") as ready:
        if args.what == "reset":
            if not (args.yes or _is_meant("All that was done in this demo will be gone. Type yes to go on: ")):
                print("Nothing was taken away.")
                return 1
            demo_reset.reset(ready)
            bring_up_to_date(replace(ready, demo=True))
        elif not demo.bring_up(ready):
            print("There is no demo here that is lived through.", file=sys.stderr)
            return 1
    return 0


@command("doctor", "Check everything that must be true of the data; exit code 1 where something is not")
def doctor(settings: Settings, args: argparse.Namespace) -> int:
    import asyncio

    from console.doctor import examine
    from console.services import LEAD_NOWHERE, services

    with services(settings, "doctor") as ready:
        findings = asyncio.run(examine(ready.database_url or ""))
    for finding in findings:
        print(f"{'BROKEN' if finding.broken else 'ok':6} {finding.promise}")
        for line in finding.broken:
            print(f"         {line}")
    if ready.links_lead_nowhere:
        print(f"{'note':6} {LEAD_NOWHERE}")
    broken = sum(len(finding.broken) for finding in findings)
    print(f"{len(findings)} checks, {broken} findings")
    return 1 if broken else 0


@command("first-steps", None)
def first_steps(settings: Settings, args: argparse.Namespace) -> None:
    from console.services import first_steps, services

    with services(settings, "first-steps") as ready:
        if hint := first_steps(ready):
            print(hint, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; what the operator has to put right is one line on stderr and exit code 1."""
    given = sys.argv[1:] if argv is None else argv
    args = _parser(given[:1]).parse_args(given)
    try:
        settings = Settings.from_env(_environment(args))
        return COMMANDS[args.command].run(settings, args) or 0
    except (ConfigError, ServiceError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        print(explain(error, settings.data_dir), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser(first: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Of all commands that are listed, and of one that is not where it is the first word given."""
    parser = argparse.ArgumentParser(prog="console", description="Fifth Visit, the staff console.")
    parser.set_defaults(command=None)
    top = parser.add_subparsers(title="commands", metavar="command", required=True)
    groups: dict[str, Any] = {}
    for entry in COMMANDS.values():
        if entry.help is None and entry.name not in first:
            continue
        group, _, name = entry.name.rpartition(" ")
        if group and group not in groups:
            outer = top.add_parser(group, help=f"see `console {group} --help`")
            groups[group] = outer.add_subparsers(title="commands", metavar="command", required=True)
        listed = {"help": entry.help} if entry.help else {}
        one = groups.get(group, top).add_parser(name, description=entry.help, **listed)
        for item in entry.options:
            one.add_argument(*item.names, **item.details)
        one.add_argument("--data-dir", metavar="DIRECTORY", help="in place of CONSOLE_DATA_DIR")
        one.set_defaults(command=entry.name)
    return parser


def _environment(args: argparse.Namespace) -> dict[str, str]:
    chosen = {"CONSOLE_DATA_DIR": args.data_dir} if args.data_dir else {}
    return {**os.environ, **chosen}


def _replayed(done: Replayed) -> int:
    """Say what a replay did; the exit code."""
    print(f"{done.erased} erased now, {done.already} erased already, {done.unknown} unknown here")
    for pseudonym, why in done.left.items():
        print(f"{pseudonym} is still here: {why}", file=sys.stderr)
    return 1 if done.left else 0


def _list_of(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text()
    except (OSError, ValueError) as error:
        raise ServiceError(f"{file} cannot be read: {error}") from None


def _is_meant(question: str) -> bool:
    try:
        return input(question).strip().casefold() in ("yes", "да")
    except EOFError:
        return False


def _need(settings: Settings) -> None:
    for name, value in (("DATABASE_URL", settings.database_url), ("REDIS_URL", settings.redis_url)):
        if not value:
            raise ConfigError(f"{name} is not set. Set it, or let `console up` run everything.")


if __name__ == "__main__":
    sys.exit(main())
