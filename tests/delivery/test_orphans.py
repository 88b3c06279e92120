"""Posts that nobody recorded: found by whoever presses their button, or deleted as left behind."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from bot.delivery.slot_kinds import Gone, PostPlace, Uncertain
from bot.store import StoreUnavailable
from bot.store.work_queue import Overtaken
from tests.delivery.board import SLOT, Killed, Site, When


def kill_after_post(site: Site, uncertain: Uncertain = Uncertain.POST_AGAIN) -> str:
    """Have a process die before it records its post; returns the id of the attempt."""
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process(uncertain).reconcile(SLOT)
    ((_, attempt),) = site.board.posts.values()
    return attempt


def once(site: Site, monkeypatch: pytest.MonkeyPatch, name: str, what: Callable[[], object]) -> None:
    """Have something happen in the moment after the next such question or before the next such change."""
    method = getattr(site.deliveries, name)

    def called(*given: Any) -> Any:
        monkeypatch.undo()
        if name == "by_attempt":
            answer = method(*given)
            what()
            return answer
        what()
        return method(*given)

    monkeypatch.setattr(site.deliveries, name, called)


def fail(fault: type[Exception]) -> Callable[[], object]:
    def failing() -> None:
        raise fault

    return failing


def seen(external_id: str) -> PostPlace:
    return PostPlace(external_id=external_id, place="C1")


def test_a_post_whose_process_was_killed_is_recorded_once_its_button_is_pressed(site: Site) -> None:
    attempt = kill_after_post(site)
    process = site.process()
    assert process.recognize(attempt, seen("1"))
    assert (site.record.external_id, site.touched) == ("1", [SLOT])
    site.want("two")
    process.reconcile(SLOT)

    assert site.board.calls == ["post", "update"], "there is no orphan at all"
    assert process.recognize(attempt, seen("1"))


def test_a_post_is_left_behind_once_another_attempt_has_begun(site: Site) -> None:
    attempt = kill_after_post(site)
    process, answers = site.process(), list[bool]()
    site.board.on("post", When.BEFORE, lambda: answers.append(process.recognize(attempt, seen("1"))))
    process.reconcile(SLOT)

    assert answers == [False]
    assert site.record.external_id == "2"
    assert not process.recognize(attempt, seen("1"))
    assert process.recognize(site.record.attempt, seen("2"))


def test_a_press_that_another_attempt_overtakes_says_that_the_post_is_left_behind(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = kill_after_post(site)
    once(site, monkeypatch, "by_attempt", lambda: site.process().reconcile(SLOT))

    assert not site.process().recognize(attempt, seen("1"))
    assert site.record.external_id == "2"


def test_a_post_that_is_pressed_before_its_own_process_has_an_answer_stays(site: Site) -> None:
    process, answers = site.process(), list[bool]()
    site.board.on(
        "post",
        When.AFTER,
        lambda: answers.append(process.recognize(site.record.attempt, seen("1"))),
    )
    process.reconcile(SLOT)
    process.delete_late_posts()
    process.reconcile(SLOT)

    assert answers == [True]
    assert site.board.contents == ["one"]
    assert site.record.external_id == "1"


def test_a_press_in_another_place_records_nothing(site: Site) -> None:
    attempt = kill_after_post(site)
    assert site.process().recognize(attempt, PostPlace(external_id="1", place="C9"))

    assert site.record.is_uncertain


def test_a_post_is_left_behind_where_its_slot_is_gone(site: Site) -> None:
    attempt = kill_after_post(site)
    site.wanted = Gone()
    process = site.process()
    process.reconcile(SLOT)

    assert not process.recognize(attempt, seen("1"))


@pytest.mark.parametrize("uncertain", list(Uncertain))
@pytest.mark.parametrize("fault", [Overtaken, StoreUnavailable])
def test_a_post_that_its_process_could_not_record_is_recorded_when_the_slot_is_looked_at(
    site: Site, monkeypatch: pytest.MonkeyPatch, uncertain: Uncertain, fault: type[Exception]
) -> None:
    process = site.process(uncertain)
    once(site, monkeypatch, "settle", fail(fault))
    with pytest.raises(fault):
        process.reconcile(SLOT)
    process.reconcile(SLOT)
    assert site.record.external_id == "1"
    site.want("two")
    process.reconcile(SLOT)
    process.delete_late_posts()

    assert site.board.calls == ["post", "update", "update"]
    assert site.board.contents == ["two"]


@pytest.mark.parametrize("uncertain", list(Uncertain))
def test_a_post_that_its_process_could_not_record_is_recorded_by_the_next_round(
    site: Site, monkeypatch: pytest.MonkeyPatch, uncertain: Uncertain
) -> None:
    process = site.process(uncertain)
    once(site, monkeypatch, "settle", fail(Overtaken))
    with pytest.raises(Overtaken):
        process.reconcile(SLOT)
    process.delete_late_posts()
    site.process(uncertain).reconcile(SLOT)

    assert site.board.calls == ["post", "update"]
    assert site.board.contents == ["one"]


def test_each_post_of_a_process_that_was_overtaken_is_deleted_also_where_it_has_posted_again(
    site: Site,
) -> None:
    one, other = site.process(), site.process()

    def overtaken() -> None:
        site.board.kill("post", When.BEFORE)
        with pytest.raises(Killed):
            other.reconcile(SLOT)

    site.board.on("post", When.BEFORE, overtaken)
    one.reconcile(SLOT)
    assert site.record.is_uncertain, "the attempt of the other one"
    one.reconcile(SLOT)
    assert len(site.board.posts) == 2
    one.delete_late_posts()

    assert list(site.board.posts) == [site.record.external_id]


def test_a_post_of_a_slot_that_is_gone_is_deleted_by_its_process(site: Site) -> None:
    process = site.process()
    site.board.on("post", When.AFTER, lambda: site.deliveries.drop(SLOT))
    process.reconcile(SLOT)
    process.delete_late_posts()

    assert site.board.posts == {}


def test_an_attempt_of_a_post_that_someone_deleted_is_not_the_next_one(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    first = site.record
    site.board.posts.clear()
    site.want("two")
    process.reconcile(SLOT)

    assert not process.recognize(first.attempt, seen(first.external_id))
    assert site.record == replace(site.record, external_id="2")
