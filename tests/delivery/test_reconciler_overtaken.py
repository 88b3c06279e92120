"""The reconciler: two processes, of which one was frozen while the other took over."""

import pytest

from bot.delivery.slot_kinds import Desired, SinkOutcome, Uncertain
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Claim, Item, Overtaken
from tests.delivery.board import SLOT, Fails, Site, When


def test_an_older_update_that_lands_late_is_corrected(site: Site) -> None:
    one, other = site.process(), site.process()
    one.reconcile(SLOT)

    def frozen() -> None:
        site.want("three")
        other.reconcile(SLOT)
        site.board.calls.append("lands")

    site.want("two")
    site.board.on("update", When.BEFORE, frozen)
    one.reconcile(SLOT)
    assert site.board.contents == ["two"]
    # The guard of the queue stops its record; then it says that it was overtaken.
    (work,) = one.work()
    work.lost(Claim(item=Item("T1", "card", "TM-1"), lane="C1", token="t", touched=1, tries=1))
    other.reconcile(SLOT)

    assert site.board.contents == ["three"]


@pytest.mark.parametrize("uncertain", [Uncertain.POST_AGAIN, Uncertain.SEARCH])
def test_a_post_of_a_process_that_was_overtaken_is_deleted(site: Site, uncertain: Uncertain) -> None:
    one, other = site.process(uncertain), site.process(uncertain)
    site.board.on("post", When.BEFORE, lambda: other.reconcile(SLOT))
    one.reconcile(SLOT)
    assert len(site.board.posts) == 2
    assert site.touched == [SLOT]

    one.delete_late_posts()

    assert site.board.contents == ["one"]
    assert list(site.board.posts) == [site.record.external_id]


def test_a_post_that_cannot_be_deleted_yet_does_not_delay_the_others(site: Site) -> None:
    second = "card/TM-2"
    site.deliveries.add_missing(DeliveryRecord(slot=second, sink="board", place="C2"))
    one, other = site.process(), site.process()
    for slot in (SLOT, second):
        site.board.on("post", When.BEFORE, lambda slot=slot: other.reconcile(slot))
        one.reconcile(slot)
    assert len(site.board.posts) == 4
    site.board.fail("delete_post", SinkOutcome.SUSPENDED)

    with pytest.raises(Fails):
        one.delete_late_posts()
    assert len(site.board.posts) == 3, "of the second one"
    one.delete_late_posts()
    assert len(site.board.posts) == 2


def test_a_post_that_is_found_by_the_process_that_took_over_stays(site: Site) -> None:
    one, other = site.process(Uncertain.SEARCH), site.process(Uncertain.SEARCH)
    site.board.on("post", When.AFTER, lambda: other.reconcile(SLOT))
    one.reconcile(SLOT)
    one.delete_late_posts()

    assert site.board.calls.count("post") == 1
    assert site.board.contents == ["one"]


def test_a_post_is_not_deleted_while_it_may_still_be_found(site: Site) -> None:
    one = site.process(Uncertain.SEARCH)

    def overtaken() -> None:
        raise Overtaken

    site.board.on("post", When.AFTER, overtaken)
    with pytest.raises(Overtaken):
        one.reconcile(SLOT)
    one.delete_late_posts()
    assert site.board.contents == ["one"]
    site.process(Uncertain.SEARCH).reconcile(SLOT)
    one.delete_late_posts()

    assert site.board.contents == ["one"]


def test_a_slot_that_changed_since_it_was_read_is_looked_at_again(site: Site) -> None:
    other = site.process()
    kind = site.process()
    look = site.wanted
    before = site.record
    other.reconcile(SLOT)
    assert site.deliveries.begin(before, "late") is None
    assert isinstance(look, Desired)
    kind.reconcile(SLOT)

    assert site.board.contents == ["one"]


def test_words_erased_while_they_are_posted_are_replaced(site: Site) -> None:
    process = site.process()
    site.want("a secret")
    site.board.on("post", When.AFTER, lambda: site.want("erased"))
    process.reconcile(SLOT)
    process.reconcile(SLOT)  # the erasure has touched it

    assert site.board.contents == ["erased"]
