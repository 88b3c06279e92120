"""What a kind of slot is told of its posts, and how posts that replace each other are kept in order."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import Deleted, NoPost, PostPlace, SinkOutcome, SlotKind, Uncertain
from bot.delivery.work_kinds import Done
from bot.store.repositories.deliveries import DeliveryRecord
from tests.delivery.board import SLOT, Board, BoardSink, Fails, Killed, Site, When


@pytest.fixture
def site() -> Site:
    return Site()


class Told:
    """A kind whose posts carry keys, and what it is told of them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.recorded: list[tuple[str, tuple[str, ...]]] = []
        self.postponed: list[str] = []
        self.breaks = False

    def process(self, *, look_after_search: bool = False) -> Reconciler:
        kind = SlotKind[str](
            name="card",
            sink=CarryingSink(self.site.board),
            desired=lambda _: self.site.wanted,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            repeat_after_search=look_after_search,
            recorded=self.record,
            postponed=lambda record, _: self.postponed.append(record.attempt),
        )
        unit = self.site.store.unit("T1")
        return Reconciler(
            unit.deliveries, [kind], touch=self.site.touched.append, transaction=unit.transaction
        )

    def record(self, record: DeliveryRecord, posted: PostPlace) -> None:
        if self.breaks:
            raise ValueError("it cannot be recorded")
        self.recorded.append((record.external_id, posted.carried))


class CarryingSink(BoardSink):
    """Posts that carry the letters of their content unseen."""

    def post(self, record: DeliveryRecord, content: str) -> PostPlace:
        return replace(super().post(record, content), carried=tuple(content))

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost:
        found = super().find(record)
        assert isinstance(found, PostPlace | NoPost)
        if isinstance(found, NoPost):
            return found
        return replace(found, carried=tuple(self._board.posts[found.external_id][0]))


def test_a_kind_is_told_of_its_post_once_and_of_no_update(site: Site) -> None:
    told = Told(site)
    process = told.process()
    for content in ("ab", "ab", "cd"):
        site.want(content)
        process.reconcile(SLOT)
    assert told.recorded == [("1", ("a", "b"))]


def test_a_kind_is_told_of_what_a_found_post_carries(site: Site) -> None:
    told = Told(site)
    site.want("ab")
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        told.process().reconcile(SLOT)
    site.want("cd")
    told.process().reconcile(SLOT)
    assert told.recorded == [("1", ("a", "b"))]
    assert site.board.contents == ["cd"]


def test_a_post_is_not_recorded_without_what_its_kind_records_of_it(site: Site) -> None:
    told = Told(site)
    told.breaks = True
    with pytest.raises(ValueError, match="cannot be recorded"):
        told.process().reconcile(SLOT)
    assert site.record.is_uncertain
    told.breaks = False
    told.process().reconcile(SLOT)
    assert [place for place, _ in told.recorded] == ["1"]
    assert site.board.calls == ["post", "find", "update"]


def test_a_process_does_not_search_for_its_own_post_that_it_could_not_record(site: Site) -> None:
    told = Told(site)
    process = told.process()
    told.breaks = True
    with pytest.raises(ValueError, match="cannot be recorded"):
        process.reconcile(SLOT)
    told.breaks = False
    process.reconcile(SLOT)
    process.delete_late_posts()
    assert told.recorded == [("1", tuple("one"))]
    assert "find" not in site.board.calls
    assert site.board.contents == ["one"]


@pytest.mark.parametrize("outcome", [SinkOutcome.LATER, SinkOutcome.NOTHING_DONE])
def test_a_kind_is_told_of_a_post_that_was_not_made(site: Site, outcome: SinkOutcome) -> None:
    told = Told(site)
    site.board.fail("post", outcome)
    with pytest.raises(Fails):
        told.process().reconcile(SLOT)
    assert told.postponed == [""], "the slot is free again when it is told"


def test_a_kind_is_not_told_so_while_a_post_may_exist(site: Site) -> None:
    told = Told(site)
    site.board.fail("post", SinkOutcome.UNKNOWN)
    with pytest.raises(Fails):
        told.process().reconcile(SLOT)
    assert told.postponed == []


@pytest.mark.parametrize("when", When)
def test_what_a_search_tells_is_recorded_before_the_slot_is_looked_at_again(site: Site, when: When) -> None:
    told = Told(site)
    site.board.kill("post", when)
    with pytest.raises(Killed):
        told.process(look_after_search=True).reconcile(SLOT)
    after = told.process(look_after_search=True)
    site.want("two")
    assert after.reconcile(SLOT) == Done(again_after=0.0)
    assert [place for place, _ in told.recorded] == (["1"] if when is When.AFTER else [])
    assert "update" not in site.board.calls
    after.reconcile(SLOT)
    assert site.board.contents == ["two"]
    assert [place for place, _ in told.recorded] == ["1"]


class PageSink(BoardSink):
    """One page, each version of which has an id; one that is out of date is refused."""

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self.shown = ""

    def post(self, record: DeliveryRecord, content: str) -> PostPlace:
        return self._publish(content, "post")

    def update(self, record: DeliveryRecord, content: str) -> PostPlace:
        self._board.happen("update", When.BEFORE)
        if record.external_id not in self._board.posts:
            raise Fails(SinkOutcome.GONE)
        return self._publish(content, "updated")

    def _publish(self, content: str, call: str) -> PostPlace:
        self._board.happen(call, When.BEFORE)
        version = str(next(self._board.ids))
        self._board.posts = {version: (content, "")}
        self._board.happen(call, When.AFTER)
        return PostPlace(external_id=version)


def page_process(site: Site) -> Reconciler:
    kind = SlotKind[str](
        name="card",
        sink=PageSink(site.board),
        desired=lambda _: site.wanted,
        uncertain=Uncertain.POST_AGAIN,
        deleted=Deleted.POST_AGAIN,
        replaces=True,
    )
    return Reconciler(site.deliveries, [kind], touch=site.touched.append)


def reconcile_all(site: Site, process: Reconciler) -> None:
    """Do what is due until nothing is."""
    process.reconcile(SLOT)
    while site.touched:
        site.touched.clear()
        process.reconcile(SLOT)


def overtaken(site: Site, content: str) -> Callable[[], None]:
    """Have another process show a newer content meanwhile."""

    def meanwhile() -> None:
        site.want(content)
        reconcile_all(site, page_process(site))

    return meanwhile


def test_the_id_that_an_update_gives_is_recorded(site: Site) -> None:
    process = page_process(site)
    for content in ("one", "two", "three"):
        site.want(content)
        process.reconcile(SLOT)
    assert site.record.external_id == "3"
    assert site.board.calls == ["post", "update", "updated", "update", "updated"]


def test_an_older_version_that_lands_late_is_refused(site: Site) -> None:
    page_process(site).reconcile(SLOT)
    site.want("old")
    site.board.on("update", When.BEFORE, overtaken(site, "new"))
    reconcile_all(site, page_process(site))
    assert site.board.contents == ["new"]
    assert site.board.calls.count("post") == 1, "it was refused, and nothing was shown in its place"


def test_an_older_version_that_was_shown_without_knowing_the_one_before_is_replaced(site: Site) -> None:
    site.want("old")
    site.board.on("post", When.BEFORE, overtaken(site, "new"))
    process = page_process(site)
    reconcile_all(site, process)
    process.delete_late_posts()
    assert site.board.contents == ["new"]
    assert "delete_post" not in site.board.calls


def test_a_version_whose_record_was_lost_is_replaced(site: Site) -> None:
    page_process(site).reconcile(SLOT)
    site.want("two")
    site.board.kill("updated", When.AFTER)
    with pytest.raises(Killed):
        page_process(site).reconcile(SLOT)
    site.want("three")
    reconcile_all(site, page_process(site))
    assert site.board.contents == ["three"]
