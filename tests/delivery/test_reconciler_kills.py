"""The reconciler: a kill between the answer of the other side and the record of it."""

import pytest

from bot.delivery.slot_kinds import Gone, PostPlace, SinkOutcome, Uncertain
from bot.delivery.work_kinds import Done
from bot.store.repositories.deliveries import DeliveryRecord
from tests.delivery.board import SLOT, Fails, Killed, Site, When


def test_a_kill_after_a_post_leaves_one_orphan_where_nothing_can_be_searched(site: Site) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process().reconcile(SLOT)
    assert site.record.is_uncertain
    ((_, left),) = site.board.posts.values()

    after = site.process()
    after.reconcile(SLOT)

    assert site.board.contents == ["one", "one"]
    assert not after.recognize(left, PostPlace(external_id="1", place="C1"))
    assert after.recognize(site.record.attempt, PostPlace(external_id="2", place="C1"))


def test_a_kill_after_a_post_leaves_nothing_twice_where_it_can_be_searched(site: Site) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process(Uncertain.SEARCH).reconcile(SLOT)
    site.want("two")
    site.process(Uncertain.SEARCH).reconcile(SLOT)

    assert site.board.contents == ["two"]
    assert site.record.external_id == "1"


def test_a_kill_before_a_post_loses_nothing(site: Site) -> None:
    for uncertain in (Uncertain.SEARCH, Uncertain.POST_AGAIN):
        site.deliveries.put(DeliveryRecord(slot=SLOT, sink="board"))
        site.board.posts.clear()
        site.board.kill("post", When.BEFORE)
        with pytest.raises(Killed):
            site.process(uncertain).reconcile(SLOT)
        site.process(uncertain).reconcile(SLOT)

        assert site.board.contents == ["one"]


def test_nothing_is_posted_before_the_search_has_answered(site: Site) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process(Uncertain.SEARCH).reconcile(SLOT)
    after = site.process(Uncertain.SEARCH)
    site.board.fail("find", SinkOutcome.UNKNOWN)
    with pytest.raises(Fails):
        after.reconcile(SLOT)
    site.board.hidden = True
    assert after.reconcile(SLOT) == Done(again_after=5.0)

    assert site.board.calls.count("post") == 1


def test_a_search_that_is_refused_for_good_ends_the_slot(site: Site) -> None:
    site.board.kill("post", When.BEFORE)
    with pytest.raises(Killed):
        site.process(Uncertain.SEARCH).reconcile(SLOT)
    site.board.fail("find", SinkOutcome.REFUSED)
    site.process(Uncertain.SEARCH).reconcile(SLOT)

    assert site.record.final
    assert ("refused", SLOT) in site.told


def test_a_kill_after_an_update_repeats_it_also_where_the_content_is_as_before(site: Site) -> None:
    site.process().reconcile(SLOT)
    site.want("two")
    site.board.kill("update", When.AFTER)
    with pytest.raises(Killed):
        site.process().reconcile(SLOT)
    site.want("one")
    site.process().reconcile(SLOT)

    assert site.board.contents == ["one"]


def test_what_was_posted_without_a_record_is_deleted_with_its_slot_where_it_can_be_searched(
    site: Site,
) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process(Uncertain.SEARCH).reconcile(SLOT)
    site.wanted = Gone()
    site.board.hidden = True
    assert site.process(Uncertain.SEARCH).reconcile(SLOT) == Done(again_after=5.0)
    site.board.hidden = False
    site.process(Uncertain.SEARCH).reconcile(SLOT)

    assert (site.board.posts, site.deliveries.find(SLOT)) == ({}, None)
