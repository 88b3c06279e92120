"""Threats that people report themselves."""

from typing import Any

from domain.commands import AddAsset, RemoveElement, ReportThreat, ReviseThreat, Undo, WithdrawThreat
from domain.events import ThreatReported, ThreatRevised, ThreatWithdrawn
from domain.history import timeline
from domain.kernel.elements import ElementId
from domain.kernel.length_limits import LINK as LONGEST_LINK
from domain.kernel.length_limits import NAME, TEXT
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat, ThreatId
from domain.register import register
from domain.rejections import (
    AlreadyReported,
    ContentMissing,
    NameMissing,
    NoSuchElement,
    NotALink,
    ThreatGone,
    TooLong,
    UndoBlocked,
)
from domain.replay import replay
from tests.examples import ANA, BEN, at, decide_all, given, started

KEY, TH1 = ElementId("AS-1"), ThreatId("TH-1")
WITH_KEY = decide_all(AddAsset(by=ANA, at=at(1), name="Key"), after=[started()])
LINK = "https://house.example.org/archives/C1/p17"
COPIED = ReportThreat(
    by=BEN,
    at=at(2),
    title="The key is copied",
    description="The locksmith keeps a list",
    element=KEY,
    stride=(Stride.INFORMATION_DISCLOSURE, Stride.SPOOFING),
    link=LINK,
)
REPORTED = decide_all(COPIED, after=WITH_KEY)
THREAT = Threat(
    id=TH1,
    title="The key is copied",
    description="The locksmith keeps a list",
    element=KEY,
    # In the order of STRIDE, whatever the order of ticking.
    stride=(Stride.SPOOFING, Stride.INFORMATION_DISCLOSURE),
    link=LINK,
)


def _report(**fields: Any) -> ReportThreat:
    said: dict[str, Any] = {"by": BEN, "at": at(2), "title": "Fire", "stride": (Stride.TAMPERING,)}
    return ReportThreat(**{**said, **fields})


def test_a_reported_threat_is_kept_with_its_categories() -> None:
    given(*WITH_KEY).when(COPIED).then(ThreatReported(by=BEN, at=at(2), answer=3, threat=THREAT))
    assert register(replay(REPORTED)).threats == (THREAT,)


def test_a_threat_needs_a_title_and_a_category() -> None:
    given(*WITH_KEY).when(_report(title=" ")).then_refused(
        NameMissing, "The name of the threat is missing", field="title"
    )
    given(*WITH_KEY).when(_report(stride=())).then_refused(ContentMissing, "at least one", field="stride")
    given(*WITH_KEY).when(_report(title="x" * (NAME + 1))).then_refused(TooLong, "151", field="title")


def test_a_threat_speaks_of_an_element_that_is_there() -> None:
    given(*WITH_KEY).when(_report(element=ElementId("AS-9"))).then_refused(
        NoSuchElement, "AS-9", field="element"
    )


def test_only_an_address_of_the_web_is_a_link() -> None:
    for link in ("javascript:alert(1)", "https://a b", "https://x|y>", "file:///etc/passwd"):
        given(*WITH_KEY).when(_report(link=link)).then_refused(NotALink, "https://", field="link")


def test_a_text_as_long_as_it_may_be_is_kept() -> None:
    link = f"{LINK}?{'x' * (LONGEST_LINK - len(LINK) - 1)}"
    longest = _report(title="x" * NAME, description="x" * TEXT, link=link)
    (threat,) = register(replay(decide_all(longest, after=WITH_KEY))).threats
    assert (len(threat.title), len(threat.description), len(threat.link)) == (NAME, TEXT, LONGEST_LINK)
    given(*WITH_KEY).when(_report(description="x" * (TEXT + 1))).then_refused(
        TooLong, "3,001", field="description"
    )
    given(*WITH_KEY).when(_report(link=f"{link}x")).then_refused(TooLong, "1,001", field="link")


def test_a_revised_threat_keeps_its_link_and_its_id() -> None:
    revise = ReviseThreat(by=ANA, at=at(3), threat=TH1, title="Copied key", stride=(Stride.SPOOFING,))
    after = Threat(id=TH1, title="Copied key", stride=(Stride.SPOOFING,), link=LINK)
    given(*REPORTED).when(revise).then(ThreatRevised(by=ANA, at=at(3), answer=4, threat=after))
    given(*decide_all(revise, after=REPORTED)).when(revise).then_nothing_happens()


def test_a_threat_outlives_its_element() -> None:
    gone = decide_all(RemoveElement(by=ANA, at=at(3), element=KEY), after=REPORTED)
    revise = ReviseThreat(
        by=ANA, at=at(4), threat=TH1, title="Copied", element=KEY, stride=(Stride.SPOOFING,)
    )
    assert register(replay(decide_all(revise, after=gone))).threats[0].element == KEY


def test_a_withdrawn_threat_is_gone_and_its_id_is_not_used_again() -> None:
    withdraw = WithdrawThreat(by=ANA, at=at(3), threat=TH1)
    given(*REPORTED).when(withdraw).then(ThreatWithdrawn(by=ANA, at=at(3), answer=4, threat=TH1))
    after = decide_all(withdraw, COPIED, after=REPORTED)
    assert [one.id for one in register(replay(after)).threats] == ["TH-2"]
    given(*decide_all(withdraw, after=REPORTED)).when(withdraw).then_refused(ThreatGone, "TH-1 was withdrawn")


def test_a_report_can_be_taken_back() -> None:
    assert register(replay(decide_all(Undo(by=BEN, at=at(3)), after=REPORTED))).threats == ()
    revise = ReviseThreat(by=BEN, at=at(3), threat=TH1, title="Copied", stride=(Stride.SPOOFING,))
    undone = decide_all(revise, Undo(by=BEN, at=at(4)), after=REPORTED)
    assert register(replay(undone)).threats == (THREAT,)
    withdrawn = decide_all(
        WithdrawThreat(by=BEN, at=at(3), threat=TH1), Undo(by=BEN, at=at(4)), after=REPORTED
    )
    assert register(replay(withdrawn)).threats == (THREAT,)


def test_an_element_is_not_taken_back_under_a_threat() -> None:
    given(*REPORTED).when(Undo(by=ANA, at=at(3))).then_refused(UndoBlocked, "reported the threat")


def test_the_history_tells_of_threats() -> None:
    withdrawn = decide_all(WithdrawThreat(by=ANA, at=at(3), threat=TH1), after=REPORTED)
    assert [one.text for one in timeline(withdrawn)][2:] == [
        "reported the threat “The key is copied” (TH-1)",
        "withdrew the threat “The key is copied” (TH-1)",
    ]


def test_the_same_threat_is_not_reported_twice() -> None:
    again = _report(title=COPIED.title.upper(), element=KEY, description=COPIED.description)
    given(*REPORTED).when(again).then_refused(
        AlreadyReported, "TH-1 says the same: “The key is copied”", field="title"
    )
    elsewhere = decide_all(_report(title=COPIED.title), after=REPORTED)
    assert len(replay(elsewhere).threats) == 2, "the whole system is another element"
    otherwise = decide_all(_report(title=COPIED.title, element=KEY), after=REPORTED)
    assert len(replay(otherwise).threats) == 2, "its description differs"
