"""The stories of the demo: their visits are on days of work, and their tickets within its hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from console.domain.business.demo import ZONE
from console.domain.business.demo_hours import hours, is_closed
from console.domain.clock import WallTime
from console.domain.tickets import demo as tickets
from console.domain.visits import demo as visits

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(731)]
HOURS = ((0, 30), (9, 0), (9, 45), (12, 5), (21, 17))


@pytest.mark.parametrize("story", visits.STORIES, ids=lambda story: f"client {story.client}")
def test_whenever_it_is_made_they_came_on_days_of_work_each_time_on_another_one(story: visits.Story) -> None:
    for today in DAYS:
        dates = list(visits.came(story, today).values())
        assert dates == sorted(set(dates))
        assert dates[-1] < today
        back = [visits.given_back(story, today, ago) for ago in story.twice]
        assert all(day <= today for day in back)
        assert not [day for day in [*dates, *back] if is_closed(day)]


def test_whenever_it_is_made_clients_called_within_the_hours_and_not_all_at_one_minute() -> None:
    zone = ZoneInfo(ZONE)
    for today in DAYS:
        for hour, minute in HOURS:
            now = datetime(today.year, today.month, today.day, hour, minute, tzinfo=zone)
            told = [tickets.moments(story, at, now) for at, story in enumerate(tickets.STORIES)]
            assert all(moments == sorted(set(moments)) for moments in told)
            walls = [WallTime.of(one, zone) for moments in told for one in moments]
            assert all(not is_closed(one.on) for one in walls)
            opened = [(one.minute, *hours(one.on)) for one in walls]
            assert all(opens <= at <= closes for at, opens, closes in opened)
            assert all(moments[-1] <= now for moments in told)
            assert len({one.minute for one in walls}) > len(walls) // 2
