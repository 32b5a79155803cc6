"""The command that tries rules on a history: its file beside a reading of the rules' text that knows none of ours."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console import cli
from tests.replayed import COLUMNS, Row, replayed

FIRST = date(2024, 1, 10)
HEADER = "client,date,price\n"
FIFTH = "[counter]\n"
SILVER = """
[tiers]
window_days = 30
grace_days = 5
[[tiers.tier]]
[[tiers.tier]]
discount_bp = 1000
enter_visits = 2
keep_visits = 1
"""


class Done(NamedTuple):
    code: int
    rows: Sequence[Mapping[str, str]]
    out: str
    err: str


def run(folder: Path, visits: str | bytes, rules: str, as_of: str = "2026-05-12") -> Done:
    (folder / "visits.csv").write_bytes(visits.encode() if isinstance(visits, str) else visits)
    (folder / "rules.toml").write_text(rules)
    target = folder / "out.csv"
    target.unlink(missing_ok=True)
    out, err = io.StringIO(), io.StringIO()
    words = ["replay", folder / "visits.csv", "--rules", folder / "rules.toml", "--as-of", as_of, "--out", target]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main([str(one) for one in words])
    rows = list(csv.DictReader(target.read_text().splitlines())) if target.exists() else []
    return Done(code, rows, out.getvalue(), err.getvalue())


def weekly(many: int, client: str = "Ann", price: int = 1_000) -> str:
    days = (date(2026, 1, 1) + timedelta(7 * at) for at in range(many))
    return HEADER + "".join(f"{client},{day},{price}\n" for day in days)


def toml(rules: Mapping[str, Any]) -> str:
    """Rules as a file; what JSON writes of numbers, texts and lists is TOML, too."""
    lines = []
    for name, table in rules.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items() if key != "tier"]
        for tier in table.get("tier", []):
            lines += [f"[[{name}.tier]]", *(f"{key} = {json.dumps(value)}" for key, value in tier.items())]
    return "\n".join(lines)


def some(**of: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A table with some of its keys left out."""
    return st.fixed_dictionaries({}, optional=of)


counters = some(
    stamps_required=st.integers(1, 3),
    services=st.sampled_from([["*"], ["cut"], ["wash", "*"], ["cut", "wash"]]),
    min_price=st.sampled_from([0, 700]),
    max_stamps_per_day=st.integers(1, 2),
    stamp_valid_days=st.sampled_from([0, 1, 20, 60]),
    reward_valid_days=st.sampled_from([0, 1, 30]),
    reward_max_value=st.sampled_from([0, 500]),
)

points = some(
    earn_points=st.sampled_from([0, 10, 333]),
    earn_per=st.sampled_from([100, 1_000]),
    point_value=st.sampled_from([1, 7, 100]),
    max_share_bp=st.sampled_from([0, 3_333, 10_000]),
    min_redeem=st.sampled_from([0, 1, 20]),
    valid_days=st.sampled_from([0, 1, 20]),
    redeem_points=st.sampled_from(["none", "max", "max"]),
)


@st.composite
def tiers(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(
        some(
            window_days=st.sampled_from([0, 1, 10, 30, 90]),
            match=st.sampled_from(["all", "any"]),
            grace_days=st.sampled_from([0, 1, 5, 14]),
            step_down=st.sampled_from(["one", "matching"]),
            hold_days=st.just(30),
        )
    )
    found["tier"] = [draw(some(discount_bp=st.sampled_from([0, 100]), points_multiplier_bp=st.just(11_000)))]
    for _ in range(draw(st.integers(1, 3))):
        visits, spend = draw(st.tuples(st.integers(0, 4), st.sampled_from([0, 1_000, 4_000])).filter(any))
        tier = {"enter_visits": visits, "enter_spend": spend, "discount_bp": draw(st.sampled_from([0, 333, 1_005]))}
        tier |= {"keep_visits": draw(st.integers(0, visits)), "keep_spend": draw(st.integers(0, spend))}
        found["tier"].append(tier | draw(some(points_multiplier_bp=st.sampled_from([0, 5_000, 20_000]))))
    return found


rows = st.builds(
    Row,
    st.sampled_from(["Ann", "Bob", "Ёж"]),
    st.integers(0, 120).map(lambda days: FIRST + timedelta(days)),
    st.sampled_from([1, 333, 699, 700, 1_001, 2_000]),
    st.sampled_from(["cut", "wash"]),
)
DEFAULTS = {"counter": {}, "tiers": {"tier": [{}, {"enter_visits": 2, "keep_visits": 1, "discount_bp": 1_000}]}}
KEPT_BY_ONE_SIDE = {"match": "any", "window_days": 0, "grace_days": 0, "step_down": "matching"}
"""Entered by money, asked for visits: even a window without an end warns then."""

BEYOND_ANY_FORM = {
    "counter": {"stamps_required": 1_000, "max_stamps_per_day": 1_000, "stamp_valid_days": 10**12},
    "tiers": {
        "window_days": 36_500,
        "grace_days": 4_000,
        "tier": [{}, {"enter_visits": 1, "points_multiplier_bp": 200_000}],
    },
    "points": {"earn_points": 10**10, "valid_days": 3_000_000},
}

SHORT = {"window_days": 10, "tier": [{}, {"enter_visits": 2, "keep_visits": 1}]}
"""Warned on the eleventh day after the second visit; the third keeps it on the day on which it is made."""


@example(DEFAULTS, [Row("Ann", FIRST + timedelta(at), 1_000, "cut") for at in (0, 0, 7, 14, 20, 60)], True, 400)
@example(
    {"tiers": KEPT_BY_ONE_SIDE | {"tier": [{}, {"enter_visits": 5, "enter_spend": 900, "keep_visits": 5}]}},
    [Row("Ann", FIRST, 1_000, "cut"), Row("Ann", FIRST + timedelta(3), 1_000, "cut")],
    True,
    4,
)
@example(DEFAULTS | {"counter": {"max_stamps_per_day": 9}}, [Row("Ann", FIRST, 1_000, "cut")] * 14, False, 0)
@example(BEYOND_ANY_FORM, [Row("Ann", FIRST + timedelta(at), 1_000, "cut") for at in (0, 0, 5)], False, 40)
@example({"counter": {"max_stamps_per_day": 0}}, [Row("Ann", FIRST, 1_000, "cut")], False, 1)
@example({"counter": {"services": []}}, [Row("Ann", FIRST, 1_000, "cut")], True, 1)
@example({"tiers": SHORT}, [Row("Ann", FIRST + timedelta(at), 1_000, "cut") for at in (0, 1, 12)], True, 12)
@given(
    st.fixed_dictionaries({}, optional={"counter": counters, "tiers": tiers(), "points": points}),
    st.lists(rows, min_size=1, max_size=25),
    st.booleans(),
    st.integers(0, 160),
)
def test_every_cell_is_what_the_text_of_the_rules_says(
    rules: Mapping[str, Any], history: Sequence[Row], with_services: bool, days: int
) -> None:
    as_of = FIRST + timedelta(days)
    if not with_services:
        history = [row._replace(service=None) for row in history]
    columns = ["client", "date", "price", *(["service"] if with_services else [])]
    text = io.StringIO()
    csv.writer(text).writerows([columns, *(row[: len(columns)] for row in history)])
    with tempfile.TemporaryDirectory() as folder:
        done = run(Path(folder), text.getvalue(), toml(rules), str(as_of))
    assert done.code == 0, done.err
    heading, *expected = replayed(rules, history, as_of)
    assert [list(one.values()) for one in done.rows] == expected
    assert all(list(one) == heading for one in done.rows)


def test_who_came_eleven_times_had_two_free_visits_and_the_stamp_of_the_last(tmp_path: Path) -> None:
    done = run(tmp_path, weekly(11), FIFTH, "2026-04-01")
    [ann] = done.rows
    told = {name: ann[name] for name in COLUMNS if ann[name] != "0"}
    assert told == {
        "visits": "11",
        "free_visits": "2",
        "free_visits_issued": "2",
        "stamps": "1",
        "list_total": "11000",
        "free_value": "2000",
        "paid_total": "9000",
    }
    assert "11 visits of 1 clients" in done.out
    assert "0 rows rejected" in done.out
    assert " visits a second" in done.out


def test_a_tier_is_warned_of_and_lost_by_whoever_stops_coming(tmp_path: Path) -> None:
    """Of two visits on the 1st and 8th the second leaves the window on February 7th; the drop is due on the 12th."""
    for as_of, warned, tier, downs in (
        ("2026-02-06", "0", "1", "0"),
        ("2026-02-07", "1", "1", "0"),
        ("2026-02-11", "1", "1", "0"),
        ("2026-02-12", "0", "0", "1"),
    ):
        [ann] = run(tmp_path, weekly(2), SILVER, as_of).rows
        assert (ann["warned"], ann["tier"], ann["step_downs"], ann["top_tier"]) == (warned, tier, downs, "1")


def test_rows_that_say_no_visit_are_told_by_their_lines_and_fail_nothing(tmp_path: Path) -> None:
    bad = {
        ",2026-01-02,1000": "no client",
        "  ,2026-01-02,1000": "no client",
        "Ann,2026-02-30,1000": "no date",
        "Ann,20260102,1000": "no date",
        "Ann,,1000": "no date",
        "Ann": "no date",
        "Ann,2026-01-02,0": "whole number",
        "Ann,2026-01-02,-5": "whole number",
        "Ann,2026-01-02,10.50": "whole number",
        "Ann,2026-01-02,1_000": "whole number",
        "Ann,2026-01-02,²": "whole number",
        "Ann,2026-01-02,": "whole number",
        f"Ann,2026-01-02,{'9' * 5_000}": "whole number",
        f"Ann,2026-01-02,1000,{'x' * 131_073}": "a cell of more than 131072 letters",
        f"Ann,2026-01-02,{'9' * 131_073}": "a cell of more than 131072 letters",
    }
    done = run(tmp_path, weekly(1) + "\n" + "\n".join(bad) + "\nAnn,2026-01-09,1000,\nAnn,2026-01-10,1,000\n", FIFTH)
    assert done.code == 0
    assert [(one["visits"], one["list_total"]) for one in done.rows] == [("3", "2001")]
    told = done.err.splitlines()
    assert [line.split(":")[0] for line in told] == [f"line {at}" for at in range(4, 4 + len(bad))]
    assert all(why in line for why, line in zip(bad.values(), told, strict=True))
    assert f"{len(bad)} rows rejected" in done.out


def test_a_cell_that_is_never_closed_is_told_with_all_that_it_swallows(tmp_path: Path) -> None:
    done = run(tmp_path, weekly(1) + 'Bob,2026-01-02,"1000\nCid,2026-01-02,1000\n', FIFTH)
    assert done.code == 0
    assert [one["client"] for one in done.rows] == ["Ann"]
    assert done.err.startswith("lines 3 to 4: ")


def test_visits_after_the_last_date_are_counted_and_whoever_has_no_other_has_no_row(tmp_path: Path) -> None:
    later = weekly(3) + "Bob,2026-01-09,1000\nAnn,9999-12-31,1000\n"
    done = run(tmp_path, later, FIFTH, "2026-01-08")
    assert [(one["client"], one["visits"]) for one in done.rows] == [("Ann", "2")]
    assert "3 visits left out" in done.out


def test_any_date_that_there_is_can_be_replayed(tmp_path: Path) -> None:
    done = run(tmp_path, HEADER + "Ann,0001-01-01,1000\nAnn,9000-12-31,1000\n", FIFTH + SILVER, "9000-12-31")
    assert [one["visits"] for one in done.rows] == ["2"]


def test_what_would_last_longer_than_dates_do_never_ends(tmp_path: Path) -> None:
    """The two visits leave the window after 30 days, and the warning's last day is beyond the last date."""
    rules = f"[counter]\nstamp_valid_days = {10**12}\n{SILVER.replace('grace_days = 5', f'grace_days = {10**12}')}"
    [ann] = run(tmp_path, weekly(2), rules.replace("[tiers]", f"[tiers]\nhold_days = {10**12}"), "9000-12-31").rows
    told = {name: ann[name] for name in ("stamps", "stamps_expired", "tier", "warned", "step_downs")}
    assert told == {"stamps": "2", "stamps_expired": "0", "tier": "1", "warned": "1", "step_downs": "0"}
    lasting = SILVER.replace("window_days = 30", f"window_days = {10**12}")
    [ann] = run(tmp_path, weekly(2), lasting, "9000-12-31").rows
    assert (ann["tier"], ann["warnings"]) == ("1", "0")


def test_a_file_as_a_spreadsheet_writes_it_is_read_likewise(tmp_path: Path) -> None:
    text = (
        'service, price ,date,client,note\r\ncut,1000,2026-01-01,"Ann, née Lee",\r\n\r\nwash,500,2026-01-02,Боб,x\r\n'
    )
    done = run(tmp_path, b"\xef\xbb\xbf" + text.encode(), '[counter]\nservices = ["cut"]\n')
    assert [(one["client"], one["stamps"], one["list_total"]) for one in done.rows] == [
        ("Ann, née Lee", "1", "1000"),
        ("Боб", "0", "500"),
    ]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("[counter]\nstamps = 4", "counter.stamps: Nothing is called so"),
        ("[count]", "count: Nothing is called so"),
        ("counter = 4", "counter: A table belongs"),
        ("[counter]\nstamps_required = 0", "counter.stamps_required: Give a number of 1 or more"),
        ("[counter]\nstamps_required = true", "counter.stamps_required: A whole number"),
        ("[counter]\nmin_price = 10.5", "counter.min_price: A whole number"),
        ("[counter]\nmin_price = -1", "counter.min_price: Give a number of 0 or more"),
        ('[counter]\nservices = "cut"', "counter.services: A list of texts"),
        ("[tiers]", "tiers.tier: A table belongs"),
        ("[tiers]\nladder = []\n[[tiers.tier]]", "tiers.ladder: Nothing is called so"),
        ('[tiers]\nmatch = "both"\n[[tiers.tier]]', "tiers.match: Say one of these: all, any"),
        ("[[tiers.tier]]\nenter_visits = 1", "tiers.tier[0].enter_visits: The first tier"),
        ("[[tiers.tier]]\n[[tiers.tier]]\nname = 'S'", "tiers.tier[1].enter_visits: Say how many"),
        ("[[tiers.tier]]\n[[tiers.tier]]\nenter_visits = 2\nkeep_visits = 3", "tiers.tier[1].keep_visits: Keeping"),
        ("[[tiers.tier]]\ndiscount = 5", "tiers.tier[0].discount: Nothing is called so"),
        ("[[tiers.tier]]\ndiscount_bp = 10001", "tiers.tier[0].discount_bp: Give a number from 0"),
        ("[[tiers.tier]]\ncode = 5", "tiers.tier[0].code: A text"),
        ("[points]\nearn_per = 0", "points.earn_per: Give a number of 1 or more"),
        ('[points]\nredeem_points = "all"', "points.redeem_points: Say one of these: none, max"),
        ("[points]\nmax_share_bp = 10001", "points.max_share_bp: Give a number from 0"),
        ("[counter", "rules: This is no TOML"),
        (f"[counter]\nmin_price = {'9' * 5_000}", "rules: This is no TOML"),
    ],
)
def test_rules_that_cannot_be_used_are_told_by_their_keys(tmp_path: Path, rules: str, told: str) -> None:
    done = run(tmp_path, weekly(1), rules)
    assert (done.code, done.rows, done.out) == (2, [], "")
    assert told in done.err


def test_files_that_cannot_be_read_and_dates_that_there_are_not_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no column date and no column price" in run(tmp_path, "client;date\n", FIFTH).err
    assert run(tmp_path, "", FIFTH).code == 2
    assert "cannot be read" in run(tmp_path, b"client,date,price\n\xff\xfe", FIFTH).err
    for as_of in ("2026-02-30", "9999-12-31", "today"):
        with pytest.raises(SystemExit) as ended:
            run(tmp_path, weekly(1), FIFTH, as_of)
        assert ended.value.code == 2
    (tmp_path / "out.csv").mkdir()
    words = ["replay", "visits.csv", "--rules", "rules.toml", "--as-of", "2026-01-01", "--out", "out.csv"]
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stderr(io.StringIO()) as err:
        code = cli.main(words)
    assert code == 1
    assert "cannot be written" in err.getvalue()


def test_it_needs_no_database_and_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "CONSOLE_DATA_DIR", "DEMO"):
        monkeypatch.delenv(name, raising=False)
    assert [one["visits"] for one in run(tmp_path, weekly(2), "").rows] == ["2"]
