"""`console doctor` finds what is wrong, and nothing where nothing is."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from console import doctor, embedded, schema
from console.config import Settings
from console.doctor import CHECKS, examine, promise_of
from console.domain import clock, db
from console.domain.ids import StaffId
from console.domain.intent import TERMINAL, Intent
from console.domain.team import accounts, door
from console.domain.team.browsers import Browser
from console.domain.team.rules import Role
from tests.server import Keeper, settings_for

A_BOOKING = (
    "INSERT INTO booking (client, location, starts_at, ends_at, status, source, version, operation)"
    " VALUES (1, 1, '2026-05-12 10:00+00', '2026-05-12 11:00+00', 'booked', 'desk', 1, 1)"
)
A_MESSAGE = (
    "INSERT INTO client (id, pseudonym, version, operation) VALUES (1, gen_random_uuid(), 1, 1);"
    " INSERT INTO message (client, due_at, try_at, status, channel, sent_at, kind, variables, dedupe_key, version,"
    " operation)"
)
TOLD = "'tier.warning', '{}', 'tier.warning:1', 1, 1"
A_VISIT = (
    'INSERT INTO visit (id, location, "on", at, number, programme, due, currency, version, operation)'
    " VALUES (1, 1, '2026-05-12', now(), 1, 0, 5, 'EUR', 1, 1)"
)
A_TICKET = (
    "INSERT INTO ticket (id, number, channel, priority, status, tags, folded, opened_at, version, operation)"
    " VALUES (1, 1, 'phone', 'low', 'open', '{}', '', now(), 1, 1)"
)
A_REPLY = (
    "INSERT INTO message (kind, due_at, try_at, variables, dedupe_key, status, version, operation)"
    " VALUES ('ticket.reply', now(), now(), '{\"ticket\": 1, \"entry\": 1}', 'ticket.reply:1:', 'due', 1, 1)"
)


def _run_that_read(rows: int, *, imported: int) -> str:
    """An import that says it made bookings, of which there is none."""
    counts = f'{{"holds": "bookings", "read": {rows}, "imported": {imported}, "merged": 0, "rejected": 0}}'
    return (
        "INSERT INTO import_run (id, source, location, digest, report, finished_at, reminders, version, operation)"
        f" VALUES (9, 'salon', 1, repeat('0', 64), '{{\"a.csv\": {counts}}}', now(), false, 1, 1)"
    )


FAULTS = {
    "undos_are_about_what_they_undo": (
        "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, undoes, deed, result)"
        " SELECT 'operation.undo', 1, gen_random_uuid(), sha256('x'), now(), id, 'staff.link', '{}'"
        " FROM operation WHERE kind = 'business.begin'"
    ),
    "results_are_recorded": "UPDATE operation SET result = NULL WHERE kind = 'staff.invite'",
    "versions_match_the_trail": "UPDATE staff SET version = version + 1",
    "last_operations_match_the_trail": "UPDATE business SET operation = (SELECT max(id) FROM operation)",
    "zones_are_known": (
        "INSERT INTO location (name, zone, hours, notice_hours, version, operation)"
        " VALUES ('Moon', 'Moon/Tranquility', '[[],[],[],[],[],[],[]]', 1, 1, 1)"
    ),
    "closed_locations_rest": (
        "INSERT INTO location (id, name, zone, hours, notice_hours, version, operation, retired_at) VALUES"
        " (7, 'Moon', 'Europe/Moscow', '[[],[],[],[],[],[],[]]', 1, 1, 1, now());"
        " INSERT INTO holiday (id, date, names, hours, version, location, operation)"
        " VALUES (8, '2026-06-12', '{\"en\": \"Landing\"}', '[]', 1, 7, 1);"
        " INSERT INTO change (operation, entity, entity_id, fields, created)"
        " VALUES (1, 'location', 7, '{retired_at}', FALSE), (1, 'holiday', 8, '{}', TRUE)"
    ),
    "somebody_owns_the_business": "UPDATE staff SET role = 'support'",
    "who_left_is_out": "UPDATE staff SET retired_at = now()",
    "mails_are_settled": "UPDATE staff_mail SET status = 'unknown'",
    "requests_are_answered": (
        "INSERT INTO link_request VALUES (gen_random_uuid(), 'olga@fifth.example', now() - interval '11 minutes')"
    ),
    "there_is_one_business": "DELETE FROM business",
    "clients_are_findable": "INSERT INTO client_word VALUES ('nobody')",
    "consents_say_something_new": (
        "INSERT INTO client_consent (client, channel, purpose, given, at, source, version, operation)"
        " VALUES (1, 'sms', 'offers', FALSE, now(), 'import', 1, 1)"
    ),
    "erased_clients_left_nothing": (
        "INSERT INTO client (id, pseudonym, version, operation, retired_at, erased_at)"
        " VALUES (1, gen_random_uuid(), 1, 1, now(), now());"
        " INSERT INTO client_note (client, text, loud, version, operation) VALUES (1, 'Zoe has cats', FALSE, 1, 1)"
    ),
    "erasures_are_listed": (
        "INSERT INTO client (pseudonym, version, operation, retired_at, erased_at)"
        " VALUES (gen_random_uuid(), 1, 1, now(), now())"
    ),
    "zones_of_clients_are_known": (
        "INSERT INTO client (id, pseudonym, version, operation) VALUES (1, gen_random_uuid(), 1, 1);"
        " INSERT INTO client_profile (client, zone, phones, emails, tags, joined_on, folded, version, operation)"
        " VALUES (1, 'Moon/Tranquility', '[]', '[]', '{}', '2026-05-12', '', 1, 1)"
    ),
    "nobody_erased_is_told_anything": (
        "INSERT INTO client (id, pseudonym, version, operation, retired_at, erased_at)"
        " VALUES (1, gen_random_uuid(), 1, 1, now(), now());"
        " INSERT INTO message (kind, client, due_at, try_at, variables, dedupe_key, status, version, operation)"
        " VALUES ('tier.warning', 1, now(), now() + interval '1 hour', '{}', 'tier.warning:1', 'due', 1, 1)"
    ),
    "messages_are_taken_up": f"{A_MESSAGE} VALUES (1, now(), now() - interval '11 minutes', 'due', NULL, NULL, {TOLD})",
    "sent_messages_left": f"{A_MESSAGE} VALUES (1, now(), now(), 'sent', 'sms', now(), {TOLD})",
    "gone_messages_are_told_apart": f"{A_MESSAGE} VALUES (1, now(), now(), 'unknown', 'sms', NULL, {TOLD})",
    "occupancy_follows_from_bookings": (
        f"{A_BOOKING}; INSERT INTO occupancy (bookable, lane, during, kind, booking)"
        " VALUES (1, 0, '[2026-05-12 10:00+00, 2026-05-12 11:00+00)', 'booking', 1)"
    ),
    "ordinary_bookings_never_meet": (
        f"{A_BOOKING}; INSERT INTO booking SELECT 2, version, operation, retired_at, client, location, starts_at,"
        " ends_at, status, source, note, overbooked FROM booking;"
        " INSERT INTO occupancy (bookable, lane, during, kind, booking) SELECT 1, id - 1,"
        " '[2026-05-12 10:00+00, 2026-05-12 11:00+00)', 'booking', id FROM booking"
    ),
    "time_off_is_what_bookings_leave": (
        "INSERT INTO location (name, zone, hours, notice_hours, version, operation)"
        " VALUES ('Moon', 'UTC', '[[],[],[],[],[],[],[]]', 1, 1, 1);"
        " INSERT INTO time_off (bookable, kind, first, last, version, operation)"
        " VALUES (1, 'sick', '2026-05-12', '2026-05-12', 1, 1)"
    ),
    "statuses_have_their_reasons": A_BOOKING,
    "bookings_last_as_long_as_their_services": A_BOOKING,
    "lists_name_what_there_is": (
        "INSERT INTO crew_list (crew, valid_from, that_day, members, version, operation)"
        " VALUES (1, '2026-05-12', FALSE, '{404}', 1, 1)"
    ),
    "bookings_to_come_have_who_and_where": (
        "INSERT INTO location (id, name, zone, hours, notice_hours, version, operation, retired_at)"
        " VALUES (1, 'Moon', 'UTC', '[[],[],[],[],[],[],[]]', 1, 1, 1, now());"
        " INSERT INTO booking (client, location, starts_at, ends_at, status, source, version, operation)"
        " VALUES (1, 1, now(), now() + interval '1 hour', 'booked', 'desk', 1, 1)"
    ),
    "accounts_are_the_sums_of_their_entries": (
        "INSERT INTO loyalty_account (client, stamps, free_visits, night, version, operation)"
        " VALUES (1, 1, 0, '2026-05-12', 1, 1)"
    ),
    "tiers_are_those_of_their_last_entries": (
        "INSERT INTO loyalty_account (client, stamps, free_visits, tier, night, version, operation)"
        " VALUES (1, 0, 0, 'gold', '2026-05-12', 1, 1)"
    ),
    "ledgers_add_up": (
        'INSERT INTO loyalty_entry (client, unit, verb, delta, "on", lot, source, snapshot, version, operation)'
        " VALUES (1, 'stamp', 'expire', -1, '2026-05-12', 1, 'night', '{}', 1, 1)"
    ),
    "free_visits_are_made_of_stamps": (
        'INSERT INTO loyalty_entry (client, unit, verb, delta, "on", lot, source, snapshot, version, operation)'
        " VALUES (1, 'free_visit', 'issue', 1, '2026-05-12', 1, 'planted', '{}', 1, 1);"
        " UPDATE programme_version SET number = 1, effective_from = '2026-05-01', published_at = now()"
    ),
    "stamps_are_of_visits_that_earned_them": (
        'INSERT INTO loyalty_entry (client, unit, verb, delta, "on", lot, source, snapshot, version, operation)'
        " VALUES (1, 'stamp', 'earn', 1, '2026-05-12', 1, 'planted', '{}', 1, 1)"
    ),
    "visits_cost_what_their_lines_do": A_VISIT,
    "payments_fit_their_visits": (
        f"{A_VISIT}; INSERT INTO payment (visit, location, method, minor, currency, tip, at, version, operation)"
        " VALUES (1, 1, 1, 6, 'EUR', FALSE, now(), 1, 1)"
    ),
    "spend_is_what_was_paid": (
        'INSERT INTO loyalty_entry (client, unit, verb, delta, "on", visit, source, snapshot, version, operation)'
        " VALUES (1, 'spend', 'earn', 5, '2026-05-12', 1, 'visit:1', '{}', 1, 1)"
    ),
    "visits_count_for_tiers_as_they_were": (
        f"{A_VISIT.replace('(id,', '(client, id,').replace('(1, 1,', '(1, 1, 1,')}; INSERT INTO visit_line (visit,"
        " position, service, names, quantity, listed, unit, packed, free, discount, version, operation)"
        " VALUES (1, 0, 1, '{}', 1, 5, 5, 0, 0, 0, 1, 1)"
    ),
    "finished_bookings_have_their_visits": A_BOOKING.replace("'booked'", "'finished'"),
    "fees_are_for_what_was_called_off": (
        f"{A_BOOKING}; INSERT INTO status_change (id, booking, status, late, version, operation)"
        " SELECT 7, id, 'no_show', FALSE, 1, 1 FROM booking;"
        ' INSERT INTO fee (client, booking, status_change, location, cause, "on", services, minor, currency, version,'
        " operation) SELECT 1, id, 7, 1, 'no_show', '2026-05-12', 1, 50000, 'RUB', 1, 1 FROM booking"
    ),
    "fees_are_paid_once": (
        'INSERT INTO fee (id, client, booking, status_change, location, cause, "on", services, minor, currency, waived,'
        " version, operation) VALUES (9, 1, 1, 1, 1, 'no_show', '2026-05-12', 1, 50000, 'RUB', 1, 1, 1);"
        " INSERT INTO fee_payment (fee, location, method, minor, currency, at, version, operation)"
        " VALUES (9, 1, 1, 50001, 'RUB', now(), 1, 1)"
    ),
    "the_mailbox_is_read": (
        "INSERT INTO mailbox_position (name, trouble, trouble_since)"
        " VALUES ('desk', 'login', now() - interval '1 hour')"
    ),
    "tickets_stand_where_they_came_to": (
        f"{A_TICKET}; INSERT INTO ticket_status (ticket, status, why, at, version, operation)"
        " VALUES (1, 'pending', 'replied', now(), 1, 1)"
    ),
    "parts_of_tickets_are_their_clients": (
        f"{A_TICKET}; INSERT INTO ticket_entry (ticket, client, kind, folded, at, version, operation)"
        " VALUES (1, 1, 'note', '', now(), 1, 1)"
    ),
    "replies_are_due_to_whose_ticket_it_is": f"{A_TICKET}; {A_REPLY}",
    "remedies_are_posted": (
        f"{A_TICKET}; INSERT INTO ticket_remedy (ticket, client, cause, of, gives, amount, minor, stamps, status,"
        " proposed_by, posted_by, posted_at, version, operation)"
        " VALUES (1, 1, 'missing_stamp', 1, 'stamp', 1, 0, 1, 'posted', 1, 1, now(), 1, 1)"
    ),
    "gifts_are_of_remedies": (
        'INSERT INTO loyalty_entry (client, unit, verb, delta, "on", lot, source, snapshot, version, operation)'
        " VALUES (1, 'free_visit', 'adjust', 1, '2026-05-12', 1, 'remedy:1', '{}', 1, 1)"
    ),
    "tiers_are_put_back_to_what_was_held": (
        'INSERT INTO tier_entry (client, event, "on", tier, before, source, snapshot, version, operation)'
        " VALUES (1, 'adjusted', '2026-05-12', 'gold', 'base', 'remedy:1', '{}', 1, 1)"
    ),
    "what_waits_has_its_ticket": (
        f"{A_TICKET}; INSERT INTO loyalty_pause (client, ticket, first, version, operation)"
        " VALUES (1, 1, '2026-05-12', 1, 1)"
    ),
    "nothing_expires_while_it_waits": (
        "INSERT INTO loyalty_pause (client, ticket, first, version, operation) VALUES (1, 1, '2026-05-12', 1, 1);"
        ' INSERT INTO loyalty_entry (client, unit, verb, delta, "on", lot, through, source, snapshot, version,'
        " operation) VALUES (1, 'stamp', 'earn', 1, '2026-05-01', 1, '2026-05-12', 'planted', '{}', 1, 1),"
        " (1, 'stamp', 'expire', -1, '2026-05-13', 1, NULL, 'planted', '{}', 1, 1)"
    ),
    "closes_hold_what_was_counted": (
        'INSERT INTO till_close (id, location, "on", to_at, version, operation)'
        " VALUES (9, 1, '2026-05-12', now(), 1, 1);"
        " INSERT INTO till_count (till_close, method, currency, opening, taken, counted, leaves, version, operation)"
        " VALUES (9, 1, 'RUB', 0, 100, 100, 0, 1, 1)"
    ),
    "tiers_are_raised_by_visits": (
        'INSERT INTO tier_entry (client, event, "on", tier, before, source, snapshot, version, operation)'
        " VALUES (1, 'raised', '2026-05-12', 'gold', 'base', 'planted', '{}', 1, 1)"
    ),
    "nights_come_when_they_must": (
        "INSERT INTO loyalty_account (client, stamps, free_visits, night, version, operation)"
        " VALUES (1, 1, 0, '2026-05-12', 1, 1);"
        ' INSERT INTO loyalty_entry (client, unit, verb, delta, "on", lot, through, source, snapshot, version,'
        " operation) VALUES (1, 'stamp', 'earn', 1, '2026-05-12', 1, '2027-05-12', 'visit:1', '{}', 1, 1)"
    ),
    "nights_are_of_dates_that_have_come": (
        "INSERT INTO loyalty_account (client, stamps, free_visits, night, version, operation)"
        " VALUES (1, 0, 0, '2099-01-01', 1, 1)"
    ),
    "nights_are_done": (
        "INSERT INTO client (id, pseudonym, version, operation) VALUES (1, gen_random_uuid(), 1, 1);"
        " INSERT INTO loyalty_account (client, stamps, free_visits, night, next_night, version, operation)"
        " VALUES (1, 0, 0, '2026-05-11', '2026-05-12', 1, 1)"
    ),
    "imports_add_up": _run_that_read(3, imported=1),
    "imports_made_what_they_count": _run_that_read(2, imported=2),
    "import_keys_lead_somewhere": (
        "INSERT INTO import_key (operation, run, source, kind, keyed, key, entity_id)"
        " VALUES (1, 9, 'salon', 'visit', true, sha256('x'), 404)"
    ),
    "it_is_of_this_version": "INSERT INTO operation_kind (name) VALUES ('of.tomorrow')",
}


@pytest.fixture
async def lived_in(database: None) -> None:
    """A database in which an owner was invited and signed in."""
    outcome = await accounts.invite(
        Intent(uuid4(), TERMINAL, clock.now()), "Olga", "olga@fifth.example", Role.OWNER, None
    )
    staff = StaffId(outcome.result["staff"])
    await door.open_session(staff, Browser("127.0.0.1", "tests"), clock.now() - timedelta(seconds=1))
    await db.close_pool()


async def broken(settings: Settings) -> set[str]:
    return {finding.check for finding in await examine(settings.database_url or "") if finding.broken}


async def test_it_finds_nothing_where_nothing_is_wrong(lived_in: None, settings: Settings) -> None:
    assert await broken(settings) == set()


@pytest.mark.parametrize(("check", "fault"), FAULTS.items(), ids=FAULTS.keys())
async def test_it_names_what_is_wrong(
    lived_in: None, settings: Settings, as_superuser: asyncpg.Connection, check: str, fault: str
) -> None:
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute(fault)
    assert check in await broken(settings)


@pytest.mark.parametrize("table", ["operation", "client_consent", "erasure"])
async def test_it_sees_a_trigger_that_was_switched_off(
    lived_in: None, settings: Settings, as_superuser: asyncpg.Connection, table: str
) -> None:
    await as_superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    try:
        assert "append_only_tables_are_guarded" in await broken(settings)
    finally:
        await as_superuser.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("ALTER TABLE occupancy DROP CONSTRAINT occupancy_excl", "occupancy: constraint occupancy_excl is missing"),
        ("DROP INDEX client_word_inside", "client_word: index client_word_inside is missing"),
        ("DROP TRIGGER append_only ON operation", "operation: trigger append_only is missing"),
        ("DROP FUNCTION crew_on", "function crew_on(who bigint, day date) is missing"),
        ("ALTER TABLE booking ALTER note SET NOT NULL", "booking: column note is not as agreed"),
        ("CREATE TABLE notebook ()", "table notebook is not ours"),
    ],
)
async def test_it_names_what_the_schema_lacks_or_has_too_much(
    lived_in: None, as_owner: asyncpg.Connection, fault: str, said: str
) -> None:
    transaction = as_owner.transaction()
    await transaction.start()
    await as_owner.execute(fault)
    assert said in list(schema.compared(await schema.described(as_owner), schema.AGREED.read_text()))
    await transaction.rollback()


async def test_it_names_an_extension_that_a_dump_would_leave_out(
    lived_in: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "extensions_are_dumped" not in await broken(settings)
    monkeypatch.setattr(doctor, "FIRST_OF_OURS", 2**31 - 1)
    assert "extensions_are_dumped" in await broken(settings)


async def test_a_restored_dump_lacks_nothing(
    lived_in: None, postgres_server: embedded.Postgres, keeper: Keeper, tmp_path: Path
) -> None:
    file = tmp_path / "dump"
    dump, restore = (str(embedded.postgres_binaries() / name) for name in ("pg_dump", "pg_restore"))
    await _command(dump, "--format=custom", f"--file={file}", postgres_server.url(embedded.SUPERUSER))
    await keeper.superuser(f"CREATE DATABASE restored OWNER {embedded.OWNER}")
    try:
        url = postgres_server.url(embedded.SUPERUSER, "restored")
        await _command(restore, "--exit-on-error", f"--dbname={url}", str(file))
        findings = await examine(settings_for(postgres_server, "restored").database_url or "")
        assert [(finding.check, finding.broken) for finding in findings if finding.broken] == []
    finally:
        await keeper.superuser("DROP DATABASE restored WITH (FORCE)")


async def _command(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


async def test_it_sees_an_application_that_signs_in_as_the_owner(lived_in: None, settings: Settings) -> None:
    findings = await examine(settings.database_owner_url or "")
    assert "the_role_is_modest" in {finding.check for finding in findings if finding.broken}


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE staff_mail SET due_at = now() - interval '11 minutes'",
        "UPDATE staff_mail SET status = 'claimed', claimed_until = now() - interval '1 second'",
        "UPDATE staff_mail SET status = 'failed'",
    ],
    ids=["waits too long", "left by a dead worker", "refused"],
)
async def test_it_sees_a_mail_that_nobody_delivers(
    lived_in: None, settings: Settings, as_superuser: asyncpg.Connection, fault: str
) -> None:
    await as_superuser.execute(fault)
    assert await broken(settings) == {"mails_are_settled"}


async def test_a_lost_mail_is_settled_once_its_link_is_of_no_more_use(
    lived_in: None, settings: Settings, as_superuser: asyncpg.Connection
) -> None:
    await as_superuser.execute("UPDATE staff_mail SET status = 'unknown', token = NULL")
    assert await broken(settings) == {"mails_are_settled"}
    await as_superuser.execute("UPDATE staff_token SET used_at = now()")
    assert await broken(settings) == set()


async def test_somebody_who_left_with_a_live_link_is_named(
    lived_in: None, settings: Settings, as_superuser: asyncpg.Connection
) -> None:
    await as_superuser.execute("UPDATE staff_session SET revoked_at = now()")
    await as_superuser.execute("UPDATE staff SET retired_at = now()")
    assert "who_left_is_out" in await broken(settings)


async def test_of_another_version_it_says_that_alone(
    lived_in: None, settings: Settings, as_owner: asyncpg.Connection
) -> None:
    await as_owner.execute("INSERT INTO migration (name, app_name) VALUES ('9999-12-31', 'console')")
    findings = await examine(settings.database_url or "")
    assert [finding.check for finding in findings] == ["it_is_of_this_version"]


async def test_it_sees_an_application_that_can_make_what_stops_a_dump(
    lived_in: None, settings: Settings, as_superuser: asyncpg.Connection
) -> None:
    await as_superuser.execute("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC")
    try:
        findings = await examine(settings.database_url or "")
    finally:
        await as_superuser.execute("REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC")
    told = {finding.check: finding.broken for finding in findings if finding.broken}
    assert [*told] == ["the_role_makes_nothing_that_stops_a_dump"]
    assert (
        "REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC" in told["the_role_makes_nothing_that_stops_a_dump"][0]
    )


def test_each_check_promises_something_in_one_line() -> None:
    promises = [promise_of(check) for check in CHECKS]
    assert all(promises)
    assert [one for one in promises if "\n" in one] == []
    assert "A fee that is owed is for a booking that the client called off late, or did not come to" in promises


def test_every_check_is_planted_here_once() -> None:
    apart = {
        "the_schema_is_the_agreed_one",
        "extensions_are_dumped",
        "append_only_tables_are_guarded",
        "the_role_is_modest",
        "the_role_makes_nothing_that_stops_a_dump",
    }
    assert {check.__name__ for check in CHECKS} == FAULTS.keys() | apart
