"""The reconciler: one post for each slot, whatever dies, overtakes, clashes or is refused in between."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.delivery.kinds import Done
from bot.delivery.slot_kinds import Deleted, Desired, Gone, SinkOutcome, Uncertain, Unchanged
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Claim, Item, Overtaken
from tests.delivery.board import SLOT, Fails, Killed, Site, When

LATER = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_slot_is_posted_once_and_updated_where_its_content_differs(site: Site) -> None:
    process = site.process()
    for content in ("one", "one", "two", "two"):
        site.want(content)
        assert process.reconcile(SLOT) == Done()

    assert site.board.calls == ["post", "update"]
    assert site.board.contents == ["two"]
    assert (site.record.external_id, site.record.over) == ("1", False)
    written, settled = ("written", "1"), ("settled", "1")
    assert site.told == [written, settled, settled, written, settled, settled]


def test_the_post_carries_the_id_of_its_attempt_also_after_updates(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.want("two")
    process.reconcile(SLOT)

    ((_, attempt),) = site.board.posts.values()
    assert attempt == site.record.attempt != ""
    assert not process.is_orphan(attempt)
    assert process.is_orphan("another")


def test_the_digest_of_the_same_content_is_another_one_each_time(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    first = site.record.shown
    site.deliveries.doubt(SLOT)
    process.reconcile(SLOT)

    assert first != site.record.shown
    assert site.board.calls == ["post", "update"]


def test_nothing_changes_while_a_projector_says_nothing(site: Site) -> None:
    site.wanted = Unchanged(again=LATER)
    assert site.process().reconcile(SLOT) == Done(again=LATER)
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
    site.board.fail("take_back", outcome)
    process.reconcile(SLOT)

    assert site.deliveries.find(SLOT) is None


def test_a_deletion_that_failed_is_tried_again(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.wanted = Gone()
    site.board.fail("take_back", SinkOutcome.UNKNOWN)
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
    assert site.record.over


def test_what_is_over_is_still_deleted_when_it_is_gone(site: Site) -> None:
    process = site.process()
    site.want("the end", last=True)
    process.reconcile(SLOT)
    site.wanted = Gone()
    process.reconcile(SLOT)

    assert (site.board.posts, site.deliveries.find(SLOT)) == ({}, None)


# A kill between the answer of the other side and the record of it.


def test_a_kill_after_a_post_leaves_one_orphan_where_nothing_can_be_searched(site: Site) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process().reconcile(SLOT)
    assert site.record.is_uncertain
    ((_, left),) = site.board.posts.values()
    assert not site.process().is_orphan(left), "it may still turn out to be the one"

    after = site.process()
    after.reconcile(SLOT)

    assert site.board.contents == ["one", "one"]
    assert after.is_orphan(left)
    assert not after.is_orphan(site.record.attempt)


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


def test_a_kill_during_a_post_is_left_where_nothing_may_be_said_twice(site: Site) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process(Uncertain.LEAVE).reconcile(SLOT)
    site.process(Uncertain.LEAVE).reconcile(SLOT)

    assert site.board.contents == ["one"]
    assert site.record.over
    assert site.told == [("settled", "")], "what waits for it goes on"
    ((_, attempt),) = site.board.posts.values()
    assert not site.process(Uncertain.LEAVE).is_orphan(attempt), "it is the only one"


def test_nothing_is_posted_before_the_search_has_answered(site: Site) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process(Uncertain.SEARCH).reconcile(SLOT)
    after = site.process(Uncertain.SEARCH)
    site.board.fail("find", SinkOutcome.UNKNOWN)
    with pytest.raises(Fails):
        after.reconcile(SLOT)
    site.board.hidden = True
    assert after.reconcile(SLOT) == Done(soon=5.0)

    assert site.board.calls.count("post") == 1


def test_a_search_that_is_refused_for_good_ends_the_slot(site: Site) -> None:
    site.board.kill("post", When.BEFORE)
    with pytest.raises(Killed):
        site.process(Uncertain.SEARCH).reconcile(SLOT)
    site.board.fail("find", SinkOutcome.REFUSED)
    site.process(Uncertain.SEARCH).reconcile(SLOT)

    assert site.record.over
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
    assert site.process(Uncertain.SEARCH).reconcile(SLOT) == Done(soon=5.0)
    site.board.hidden = False
    site.process(Uncertain.SEARCH).reconcile(SLOT)

    assert (site.board.posts, site.deliveries.find(SLOT)) == ({}, None)


# Two processes: one was frozen while another took over.


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
    site.board.on("post", When.BEFORE, lambda: other.reconcile(SLOT) and None)
    one.reconcile(SLOT)
    assert len(site.board.posts) == 2
    assert site.touched == [SLOT]

    one.take_back_late()

    assert site.board.contents == ["one"]
    assert list(site.board.posts) == [site.record.external_id]


def test_a_post_that_is_found_by_the_process_that_took_over_stays(site: Site) -> None:
    one, other = site.process(Uncertain.SEARCH), site.process(Uncertain.SEARCH)
    site.board.on("post", When.AFTER, lambda: other.reconcile(SLOT) and None)
    one.reconcile(SLOT)
    one.take_back_late()

    assert site.board.calls.count("post") == 1
    assert site.board.contents == ["one"]


def test_a_post_is_not_deleted_while_it_may_still_be_found(site: Site) -> None:
    one = site.process(Uncertain.SEARCH)

    def overtaken() -> None:
        raise Overtaken

    site.board.on("post", When.AFTER, overtaken)
    with pytest.raises(Overtaken):
        one.reconcile(SLOT)
    one.take_back_late()
    assert site.board.contents == ["one"]
    site.process(Uncertain.SEARCH).reconcile(SLOT)
    one.take_back_late()

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


# People and the other side.


def test_a_deleted_post_is_posted_again_or_left_as_its_kind_declares(site: Site) -> None:
    again = site.process()
    again.reconcile(SLOT)
    site.board.posts.clear()
    site.want("two")
    again.reconcile(SLOT)
    assert site.board.contents == ["two"]

    left = site.process(deleted=Deleted.LEAVE)
    site.board.posts.clear()
    site.want("three")
    left.reconcile(SLOT)
    site.want("four")
    left.reconcile(SLOT)
    assert site.board.contents == []
    assert (site.record.over, site.record.external_id) == (True, "")


def test_a_content_that_is_too_long_is_shown_in_its_shorter_form(site: Site) -> None:
    process = site.process(longest=5)
    site.want("much too long", shorter="short")
    process.reconcile(SLOT)
    process.reconcile(SLOT)
    assert (site.board.contents, site.board.calls) == (["short"], ["post", "post"])

    site.want("longer than ever", shorter="brief")
    process.reconcile(SLOT)
    assert site.board.contents == ["brief"]


@pytest.mark.parametrize("over", [True, False])
def test_what_is_refused_for_good_is_over_unless_its_kind_says_otherwise(site: Site, *, over: bool) -> None:
    process = site.process(over=over)
    site.board.fail("post", SinkOutcome.REFUSED)
    process.reconcile(SLOT)

    assert (site.record.over, site.record.is_uncertain) == (over, False)
    assert site.told[0] == ("refused", SLOT)
    process.reconcile(SLOT)
    assert len(site.board.posts) == (0 if over else 1)


def test_an_update_that_is_refused_for_good_leaves_what_is_shown(site: Site) -> None:
    process = site.process(over=False)
    process.reconcile(SLOT)
    shown = site.record.shown
    site.want("two")
    site.board.fail("update", SinkOutcome.REFUSED)
    process.reconcile(SLOT)

    assert site.record.shown == shown
    assert ("refused", SLOT) in site.told


@pytest.mark.parametrize("outcome", [SinkOutcome.LATER, SinkOutcome.NOTHING_DONE])
@pytest.mark.parametrize("uncertain", list(Uncertain))
def test_what_was_surely_not_done_is_tried_again(
    site: Site, outcome: SinkOutcome, uncertain: Uncertain
) -> None:
    process = site.process(uncertain)
    site.board.fail("post", outcome)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    assert not site.record.is_uncertain
    process.reconcile(SLOT)
    site.want("two")
    site.board.fail("update", outcome)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    assert site.record.shown, "it shows what it showed before"
    process.reconcile(SLOT)

    assert site.board.contents == ["two"]
    assert "find" not in site.board.calls


@pytest.mark.parametrize("uncertain", list(Uncertain))
def test_a_post_without_an_answer_is_searched_repeated_or_left(site: Site, uncertain: Uncertain) -> None:
    process = site.process(uncertain)
    site.board.fail("post", SinkOutcome.UNKNOWN, When.AFTER)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    assert site.record.is_uncertain
    process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert len(site.board.posts) == (2 if uncertain is Uncertain.POST_AGAIN else 1)


@pytest.mark.parametrize("uncertain", list(Uncertain))
def test_a_post_that_broke_down_on_the_way_is_never_lost(site: Site, uncertain: Uncertain) -> None:
    process = site.process(uncertain)
    site.board.fail("post", SinkOutcome.PROBABLY_NOTHING)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert site.board.contents == ["one"]


def test_an_update_without_an_answer_is_repeated_also_where_the_content_is_as_before(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.want("two")
    site.board.fail("update", SinkOutcome.UNKNOWN, When.AFTER)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    site.want("one")
    process.reconcile(SLOT)

    assert site.board.contents == ["one"]


def test_a_place_at_rest_is_reported_and_nothing_is_lost(site: Site) -> None:
    process = site.process(Uncertain.LEAVE)
    site.board.fail("post", SinkOutcome.RESTING)
    process.reconcile(SLOT)
    assert not site.record.is_uncertain
    process.reconcile(SLOT)
    site.want("two")
    site.board.fail("update", SinkOutcome.RESTING)
    process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert site.told.count(("rested", SLOT)) == 2
    assert site.board.contents == ["two"]


def test_a_missing_thread_is_reported_and_the_message_is_still_owed(site: Site) -> None:
    process = site.process()
    site.board.fail("post", SinkOutcome.NO_THREAD)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    assert site.told == [("unthreaded", SLOT)]
    process.reconcile(SLOT)
    assert site.board.contents == ["one"]


# What the other side accepts and may never show.


def test_a_confirmed_post_counts_once_it_was_found(site: Site) -> None:
    process = site.process(Uncertain.SEARCH, confirmed=True)
    site.board.hidden = True
    done = process.reconcile(SLOT)
    assert done.soon is not None
    assert not site.record.shown
    assert process.reconcile(SLOT) == Done(soon=5.0)
    site.board.hidden = False
    assert process.reconcile(SLOT) == Done()
    assert site.record.shown
    process.reconcile(SLOT)

    assert site.board.calls == ["post", "find", "find"]


def test_a_confirmed_post_that_is_never_seen_is_posted_again(site: Site) -> None:
    process = site.process(Uncertain.SEARCH, confirmed=True)
    process.reconcile(SLOT)
    site.board.posts.clear()
    process.reconcile(SLOT)
    assert (site.told[-1], site.touched) == (("missing", SLOT), [SLOT])
    process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert site.board.contents == ["one"]
    assert site.record.shown


def test_a_confirmed_post_whose_process_was_killed_is_found(site: Site) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process(Uncertain.SEARCH, confirmed=True).reconcile(SLOT)
    site.process(Uncertain.SEARCH, confirmed=True).reconcile(SLOT)

    assert site.board.calls == ["post", "find"]
    assert site.record.shown


def test_a_record_of_an_earlier_release_is_compared_as_it_is(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.deliveries.put(replace(site.record, attempt=""))
    process.reconcile(SLOT)
    site.want("two")
    process.reconcile(SLOT)

    assert site.board.calls == ["post", "update"]
    assert site.board.contents == ["two"]
