"""What a step costs the database: few statements, one commit, and no more on a case's last day than on its first."""

from __future__ import annotations

import pytest

from engine.cases import views
from tests.support.office import Office, watched

MOST = 8


@pytest.fixture
def office(small_office: Office) -> Office:
    return small_office


def test_completing_a_task_with_a_deadline_takes_few_statements_and_one_commit(office: Office) -> None:
    for reload in (False, True):
        case = office.start("line")
        task, wang = office.open(case, "受理"), office.actor("wang")
        office.reload = reload
        with watched(office.runtime) as traffic:
            office.complete(task, wang)
        assert len(traffic.statements) <= MOST
        assert (traffic.commits, traffic.rollbacks) == (1, 0)


def test_starting_takes_one_commit(office: Office) -> None:
    wang = office.actor("wang")
    office.start("line", wang)
    with watched(office.runtime) as traffic:
        office.start("line", wang)
    assert traffic.commits == 1
    assert len(traffic.statements) <= 11


def test_a_refused_form_commits_nothing(office: Office) -> None:
    case = office.start("line")
    task, wang = office.open(case, "受理"), office.actor("wang")
    with watched(office.runtime) as traffic, pytest.raises(Exception, match="更正"):
        office.complete(task, wang, 意见="")
    assert (traffic.commits, traffic.rollbacks) == (0, 1)


@pytest.mark.parametrize("which", ["posts", "search"])
def test_fifty_rows_cost_as_many_statements_as_five(office: Office, which: str) -> None:
    counts = []
    for more in (5, 45):
        for _ in range(more):
            office.start("line", "wang")
        with office.look("wang") as this, watched(office.runtime) as traffic:
            if which == "posts":
                found = len(views.inbox(this, "posts", size=50).rows)
            else:
                found = len(views.search(this, "刘", size=50).rows)
        counts.append((found, len(traffic.statements)))
    assert [found for found, _ in counts] == [5, 50]
    assert counts[0][1] == counts[1][1] <= 4


def test_the_state_does_not_grow_with_the_steps_behind_it(office: Office) -> None:
    case = office.start("rounds")
    sizes = []
    for _ in range(12):
        office.do(case, "一轮", "wang", 结论="不同意")
        sizes.append(len(office.case(case)["state"]))
    assert max(sizes[2:]) <= sizes[1] + 16  # the bytes of new ids compress a little differently
