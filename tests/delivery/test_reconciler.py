"""The reconciler: one post for each slot, updated where its content differs, deleted where it is gone."""

import pytest

from bot.delivery.slot_kinds import Gone, PostPlace, SinkOutcome, Unchanged
from bot.delivery.work_kinds import Done
from tests.delivery.board import LATER, SLOT, Fails, Site


def test_a_slot_is_posted_once_and_updated_where_its_content_differs(site: Site) -> None:
    process = site.process()
    for content in ("one", "one", "two", "two"):
        site.want(content)
        assert process.reconcile(SLOT) == Done()

    assert site.board.calls == ["post", "update"]
    assert site.board.contents == ["two"]
    assert (site.record.external_id, site.record.final) == ("1", False)
    written, settled = ("written", "1"), ("settled", "1")
    assert site.told == [written, settled, settled, written, settled, settled]


def test_the_post_carries_the_id_of_its_attempt_also_after_updates(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.want("two")
    process.reconcile(SLOT)

    ((_, attempt),) = site.board.posts.values()
    assert attempt == site.record.attempt != ""
    assert process.recognize(attempt, PostPlace(external_id="1", place="C1"))
    assert not process.recognize("another", PostPlace(external_id="1", place="C1"))


def test_the_digest_of_the_same_content_is_another_one_each_time(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    first = site.record.shown
    site.deliveries.mark_unknown(SLOT)
    process.reconcile(SLOT)

    assert first != site.record.shown
    assert site.board.calls == ["post", "update"]


def test_nothing_changes_while_a_projector_says_nothing(site: Site) -> None:
    site.wanted = Unchanged(again_at=LATER)
    assert site.process().reconcile(SLOT) == Done(again_at=LATER)
    assert site.process().reconcile("card/TM-9") == Done(), "there is no such slot"
    assert site.board.calls == []


def test_what_is_gone_is_deleted_and_its_slot_dropped(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.wanted = Gone()
    process.reconcile(SLOT)

    assert (site.board.posts, site.deliveries.find(SLOT)) == ({}, None)


@pytest.mark.parametrize("outcome", [SinkOutcome.GONE, SinkOutcome.REFUSED])
def test_what_cannot_be_deleted_is_forgotten(site: Site, outcome: SinkOutcome) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.wanted = Gone()
    site.board.fail("delete_post", outcome)
    process.reconcile(SLOT)

    assert site.deliveries.find(SLOT) is None


def test_a_deletion_that_failed_is_tried_again(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.wanted = Gone()
    site.board.fail("delete_post", SinkOutcome.UNKNOWN)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert (site.board.posts, site.deliveries.find(SLOT)) == ({}, None)


def test_after_the_last_content_nothing_changes(site: Site) -> None:
    process = site.process()
    site.want("the end", last=True)
    process.reconcile(SLOT)
    site.want("more")
    process.reconcile(SLOT)

    assert site.board.contents == ["the end"]
    assert site.record.final


def test_what_is_over_is_still_deleted_when_it_is_gone(site: Site) -> None:
    process = site.process()
    site.want("the end", last=True)
    process.reconcile(SLOT)
    site.wanted = Gone()
    process.reconcile(SLOT)

    assert (site.board.posts, site.deliveries.find(SLOT)) == ({}, None)
