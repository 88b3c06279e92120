"""Who may do what, and where: one table over everything that can be said, pressed and handed in."""

from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from msgspec.structs import replace

from bot.slack.handlers.dispatch_table import BUTTON_HANDLERS, SHORTCUTS, SUBMISSION_HANDLERS
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.protocol.app_ids import DRAFT_SHORTCUT, IMPORT_SHORTCUT, REPORT_SHORTCUT, START_SHORTCUT
from bot.slack.protocol.targets import Action, ButtonKind, Target
from bot.slack.ui.modals.modal_registry import FORMS, PAGES
from bot.store import StreamId
from domain.commands import (
    AnswerQuestions,
    AnswerScreening,
    ChooseTracker,
    CloseThreatModel,
    Command,
    ConfirmSuggestedThreats,
    DrawFlows,
    DropMitigation,
    FlowByNames,
    ImplementMitigation,
    LinkIssue,
    NameElements,
    PlanMitigation,
    ProposeAcceptance,
    RecordIssueState,
    Reply,
    ScreeningReply,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import SYSTEM, ElementId
from domain.kernel.threat import SuggestedThreatId
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackerId, TrackerKind
from tests.depth import deep_also
from tests.examples import reasons_for_conditions
from tests.slack.access_actions import ACTS, MI1, PRESSED
from tests.slack.access_harness import (
    PEOPLE,
    PLACES,
    SECRETS,
    AccessHarness,
    open_access_harness,
    outcome_of,
    person_id_of,
)
from tests.slack.voting_setup import TH1, VOTING, prepare_voting

TABLE = """
act    what                                 where    member facil. admin guest stranger former bot gone alien
------ ------------------------------------ -------- ------ ------ ----- ----- -------- ------ --- ---- -----
say    status list add questions threats    anywhere yes    yes    yes   yes   no       no     bot gone alien
say    findings coverage prevented diagram  anywhere yes    yes    yes   yes   no       no     bot gone alien
say    plan report chart import export      anywhere yes    yes    yes   yes   no       no     bot gone alien
say    vote history as-of undo settings     anywhere yes    yes    yes   yes   no       no     bot gone alien
say    remove                               anywhere yes    yes    yes   yes   no       no     bot gone alien
say    close archive                        anywhere steer  yes    steer steer no       no     bot gone alien
say    token portfolio tracker reassign     anywhere yes    yes    yes   yes   no       no     bot gone alien
say    reopen                               anywhere yes    yes    yes   yes   no       no     bot gone alien
say    help                                 anywhere yes    yes    yes   yes   yes      yes    bot gone alien
say    start                                anywhere yes    yes    yes   yes   yes      yes    bot gone alien
say    start                                shared   share  share  yes   share yes      yes    bot gone alien
open   names flows place element questions  anywhere yes    yes    yes   yes   no       no     bot gone alien
open   assumption threat scope look_back    anywhere yes    yes    yes   yes   no       no     bot gone alien
open   labels merge_elements                anywhere yes    yes    yes   yes   no       no     bot gone alien
open   confirm_assumptions details          anywhere yes    yes    yes   yes   no       no     bot gone alien
open   links add_names remove_used files    anywhere yes    yes    yes   yes   no       no     bot gone alien
open   dismiss consider merge ask answers   anywhere yes    yes    yes   yes   no       no     bot gone alien
open   screening where controls             anywhere yes    yes    yes   yes   no       no     bot gone alien
open   think                                anywhere yes    yes    yes   yes   no       no     bot gone alien
open   group places confirm_answers check   anywhere yes    yes    yes   yes   no       no     bot gone alien
open   change_answers still_true            anywhere yes    yes    yes   yes   no       no     bot gone alien
open   changes_since                        anywhere yes    yes    yes   yes   no       no     bot gone alien
open   hours start                          anywhere yes    yes    yes   yes   yes      yes    bot gone alien
open   workspace                            anywhere set    set    yes   set   no       no     bot gone alien
open   connect_tracker tracker_token        anywhere set    set    yes   set   no       no     bot gone alien
open   tracker_labels account_owner         anywhere set    set    yes   set   no       no     bot gone alien
open   tracker_account                      anywhere yes    yes    yes   yes   no       no     bot gone alien
open   model_tracker                        anywhere steer  yes    steer steer no       no     bot gone alien
open   respond accept decline mitigation    anywhere yes    yes    yes   yes   no       no     bot gone alien
open   respond_several approve_several      anywhere yes    yes    yes   yes   no       no     bot gone alien
open   verify_links                         anywhere yes    yes    yes   yes   no       no     bot gone alien
open   policy                               anywhere steer  yes    steer steer no       no     bot gone alien
open   implement refuse drop                anywhere yes    yes    yes   yes   no       no     bot gone alien
open   reassign reschedule                  anywhere yes    yes    yes   yes   no       no     bot gone alien
open   reassign_approval reassign_all       anywhere yes    yes    yes   yes   no       no     bot gone alien
open   retrospective decline_closing        anywhere yes    yes    yes   yes   no       no     bot gone alien
open   participants hand_over move terms    anywhere steer  yes    steer steer no       no     bot gone alien
open   open_round settle_round              anywhere steer  yes    steer steer no       no     bot gone alien
open   ballot explain                       anywhere yes    yes    yes   yes   no       no     bot gone alien
show   lists register seen history more     anywhere yes    yes    yes   yes   no       no     bot gone alien
show   threats dismissed prevented          anywhere yes    yes    yes   yes   no       no     bot gone alien
show   coverage ballots                     anywhere yes    yes    yes   yes   no       no     bot gone alien
show   assumptions settings as_of portfolio anywhere yes    yes    yes   yes   no       no     bot gone alien
show   changes claims                       anywhere yes    yes    yes   yes   no       no     bot gone alien
show   trackers                             anywhere yes    yes    yes   yes   no       no     bot gone alien
show   tracker_accounts                     anywhere yes    yes    yes   hide  no       no     bot gone alien
show   tracker_webhook                      anywhere set    set    yes   set   no       no     bot gone alien
show   retrospectives plan response closing anywhere yes    yes    yes   yes   no       no     bot gone alien
submit names flows place element questions  anywhere yes    yes    yes   yes   no       no     bot gone alien
submit assumption threat scope look_back    anywhere yes    yes    yes   yes   no       no     bot gone alien
submit labels merge_elements                anywhere yes    yes    yes   yes   no       no     bot gone alien
submit confirm_assumptions details          anywhere yes    yes    yes   yes   no       no     bot gone alien
submit changes_since                        anywhere yes    yes    yes   yes   no       no     bot gone alien
submit links add_names remove_used files    anywhere yes    yes    yes   yes   no       no     bot gone alien
submit think                                anywhere yes    yes    yes   yes   no       no     bot gone alien
submit dismiss consider merge ask answers   anywhere yes    yes    yes   yes   no       no     bot gone alien
submit respond accept decline mitigation    anywhere yes    yes    yes   yes   no       no     bot gone alien
submit respond_several approve_several      anywhere yes    yes    yes   yes   no       no     bot gone alien
submit verify_links                         anywhere yes    yes    yes   yes   no       no     bot gone alien
submit policy                               anywhere steer  yes    steer steer no       no     bot gone alien
submit implement refuse drop                anywhere yes    yes    yes   yes   no       no     bot gone alien
submit reassign reschedule                  anywhere yes    yes    yes   yes   no       no     bot gone alien
submit reassign_approval reassign_all       anywhere yes    yes    yes   yes   no       no     bot gone alien
submit retrospective decline_closing        anywhere yes    yes    yes   yes   no       no     bot gone alien
submit screening where controls             anywhere yes    yes    yes   yes   no       no     bot gone alien
submit group places confirm_answers check   anywhere yes    yes    yes   yes   no       no     bot gone alien
submit change_answers still_true            anywhere yes    yes    yes   yes   no       no     bot gone alien
submit hours                                anywhere yes    yes    yes   yes   yes      yes    bot gone alien
submit workspace                            anywhere set    set    yes   set   set      set    bot gone alien
submit connect_tracker tracker_token        anywhere set    set    yes   set   set      set    bot gone alien
submit tracker_labels account_owner         anywhere set    set    yes   set   set      set    bot gone alien
submit tracker_account                      anywhere yes    yes    yes   yes   yes      yes    bot gone alien
submit model_tracker                        anywhere steer  yes    steer steer no       no     bot gone alien
submit participants hand_over move terms    anywhere steer  yes    steer steer no       no     bot gone alien
submit open_round settle_round              anywhere steer  yes    steer steer no       no     bot gone alien
submit ballot explain                       anywhere yes    yes    yes   yes   no       no     bot gone alien
submit start                                anywhere yes    yes    yes   guest no       no     bot gone alien
submit start                                shared   share  share  yes   share no       no     bot gone alien
submit start                                archived over   over   over  over  no       no     bot gone alien
do     remove complete_register undo        anywhere yes    yes    yes   yes   no       no     bot gone alien
do     reopen_register withdraw_assumption  anywhere yes    yes    yes   yes   no       no     bot gone alien
do     adopt_catalog add_places             anywhere yes    yes    yes   yes   no       no     bot gone alien
do     withdraw_threat move_up move_down    anywhere yes    yes    yes   yes   no       no     bot gone alien
do     confirm reopen_row nothing_here      anywhere yes    yes    yes   yes   no       no     bot gone alien
do     reopen_suggested_threat              anywhere yes    yes    yes   yes   no       no     bot gone alien
do     approve start_mitigation verify      anywhere yes    yes    yes   yes   no       no     bot gone alien
do     resume confirm_closing unlink        anywhere yes    yes    yes   yes   no       no     bot gone alien
do     dismiss_issue request_issue          anywhere yes    yes    yes   yes   no       no     bot gone alien
do     unlink_issue                         anywhere yes    yes    yes   yes   no       no     bot gone alien
do     close_round extend_round take_medians anywhere steer  yes    steer steer no       no     bot gone alien
do     mark_reference_threat                anywhere steer  yes    steer steer no       no     bot gone alien
do     unmark_reference_threat              anywhere steer  yes    steer steer no       no     bot gone alien
do     take_over                            anywhere yes    yes    yes   guest no       no     bot gone alien
do     allow_sharing                        anywhere admin  admin  yes   admin no       no     bot gone alien
do     begin_analysis return_to_collection  anywhere steer  yes    steer steer no       no     bot gone alien
do     begin_remediation return_to_analysis anywhere steer  yes    steer steer no       no     bot gone alien
do     withdraw_closing confirm_screening   anywhere yes    yes    yes   yes   no       no     bot gone alien
do     close reopen archive                 anywhere steer  yes    steer steer no       no     bot gone alien
use    report_as_threat draft_from_file     anywhere yes    yes    yes   yes   no       no     bot gone alien
open   draft                                anywhere yes    yes    yes   yes   no       no     bot gone alien
submit draft                                anywhere yes    yes    yes   yes   no       no     bot gone alien
turn   draft                                anywhere yes    yes    yes   yes   no       no     bot gone alien
track  make_default no_default disconnect   anywhere set    set    yes   set   no       no     bot gone alien
track  new_webhook_secret                   anywhere set    set    yes   set   no       no     bot gone alien
open   import                               anywhere yes    yes    yes   guest no       no     bot gone alien
open   import                               shared   share  share  yes   share no       no     bot gone alien
open   import                               archived over   over   over  over  no       no     bot gone alien
submit import                               anywhere yes    yes    yes   guest no       no     bot gone alien
submit import                               shared   share  share  yes   share no       no     bot gone alien
submit import                               archived over   over   over  over  no       no     bot gone alien
use    import_as_threat_model               anywhere yes    yes    yes   guest no       no     bot gone alien
use    import_as_threat_model               shared   share  share  yes   share no       no     bot gone alien
use    import_as_threat_model               archived over   over   over  over  no       no     bot gone alien
use    start_threat_model                   anywhere yes    yes    yes   yes   yes      yes    bot gone alien
choose threat                               anywhere yes    yes    yes   yes   no       no     bot gone alien
follow link                                 anywhere yes    yes    yes   yes   yes      yes    bot gone alien
"""
"""What each of them reads: the words of `REFUSALS`, and *yes* where nobody is in the way.

*anywhere* is every place but the one that the bot has left. A line for one place goes before one for all.
"""


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Generator[AccessHarness]:
    path: Path = tmp_path_factory.mktemp("matrix")
    with open_access_harness(path / "threatmodel.db") as opened:
        yield opened


def _read_rows() -> Iterator[tuple[str, str, str, dict[str, str]]]:
    head, _, *lines = TABLE.strip().splitlines()
    starts = [head.index(word) for word in head.split()]
    for line in lines:
        act, whats, where, *outcomes = (
            line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)
        )
        for what in whats.split():
            yield act, what, where, dict(zip(PEOPLE, outcomes, strict=True))


@cache
def rows() -> tuple[tuple[str, str, str, dict[str, str]], ...]:
    """Act, what, where and the outcome by who, line by line."""
    return tuple(_read_rows())


def cells() -> list[ParameterSet]:
    """Every act in every place; of the places that its lines do not tell apart, the condition tries one."""
    places = [place for place in PLACES if place != "left"]
    found: list[ParameterSet] = []
    for number, (act, what) in enumerate(sorted({(act, what) for act, what, _, _ in rows()})):
        told = {where for a, w, where, _ in rows() if (a, w) == (act, what)}
        alike = [place for place in places if place not in told]
        for place in places:
            tried = place in told or place == alike[number % len(alike)]
            found += [pytest.param(act, what, place)] if tried else deep_also((act, what, place))
    return found


def expected(act: str, what: str, place: str) -> dict[str, str]:
    fitting = {where: told for a, w, where, told in rows() if (a, w) == (act, what)}
    return fitting.get(place) or fitting["anywhere"]


STEERING, NOW = person_id_of("facilitator"), datetime.now(UTC)
PROPOSED = ProposeAcceptance(
    by=STEERING, at=NOW, threat=TH1, expires=NOW.date() + timedelta(days=90), reason="We move out"
)
PLANNED = PlanMitigation(by=STEERING, at=NOW, threat=TH1, title="Ask for a badge", owner=STEERING)
IMPLEMENTED = ImplementMitigation(by=STEERING, at=NOW, mitigation=MI1, evidence="A sign at the door")
CLOSING = CloseThreatModel(by=STEERING, at=NOW, reasons=reasons_for_conditions())
ASSUMING = DrawFlows(
    by=STEERING,
    at=NOW,
    flows=(FlowByNames(source="Visitor", target="House", assets=("Papers",), protocol="HTTPS"),),
)
ISSUE = IssueReference(
    tracker=TrackerId("TR-1"),
    kind=TrackerKind.GITHUB,
    key="#12",
    url="https://github.com/acme/shop/issues/12",
)
LINKED: tuple[Command, ...] = (
    ChooseTracker(by=STEERING, at=NOW, own=True, tracker=ISSUE.tracker),
    LinkIssue(by=SYSTEM, at=NOW, mitigation=MI1, issue=ISSUE),
)


def seen_as(state: IssueState) -> RecordIssueState:
    """What the tracker shows of the issue."""
    return RecordIssueState(by=SYSTEM, at=NOW, mitigation=MI1, issue=ISSUE, seen=SeenIssue(state=state))


PREPARED: dict[str, tuple[Command, ...]] = {
    **dict.fromkeys((Action.CONFIRM_CLOSING, Action.WITHDRAW_CLOSING, "decline_closing"), (CLOSING,)),
    **dict.fromkeys((Action.APPROVE, "decline", "reassign_approval"), (PROPOSED,)),
    "approve_several": (replace(PROPOSED, by=person_id_of("member")),),
    **dict.fromkeys((Action.VERIFY, "verify_links", "refuse"), (PLANNED, IMPLEMENTED)),
    **dict.fromkeys(
        (
            *(Action.START_MITIGATION, "implement", "drop"),
            *("reassign", "reassign_all", "reschedule"),
        ),
        (PLANNED,),
    ),
    "confirm_assumptions": (ASSUMING,),
    "links": (
        NameElements(by=STEERING, at=NOW, external_dependencies=("Alarm",)),
        DrawFlows(by=STEERING, at=NOW, flows=(FlowByNames(source="Visitor", target="Alarm"),)),
    ),
    Action.RESUME: (PLANNED, DropMitigation(by=STEERING, at=NOW, mitigation=MI1, reason="too dear")),
    Action.UNLINK_ISSUE: (PLANNED, *LINKED),
    Action.DISMISS_ISSUE: (PLANNED, *LINKED, seen_as(IssueState.COMPLETED)),
    Action.REQUEST_ISSUE: (PLANNED, *LINKED, seen_as(IssueState.DELETED)),
}
"""What the facilitator has said before somebody does that."""
REMEDIES = (*PREPARED, "respond", "respond_several", "accept", "mitigation", Action.UNLINK)
"""What belongs to remediation."""

PREPARED["places"] = (
    AnswerQuestions(
        by=STEERING,
        at=NOW,
        replies=(Reply(element=ElementId("EP-1"), fact="caller_authenticated", answer=Answer.NO),),
    ),
    ConfirmSuggestedThreats(
        by=STEERING, at=NOW, suggested_threats=(SuggestedThreatId("S01@DF-1"), SuggestedThreatId("S01@DF-3"))
    ),
)

PREPARED["change_answers"] = PREPARED["places"]

PREPARED[Action.CONFIRM_SCREENING] = (
    AnswerScreening(by=STEERING, at=NOW, replies=(ScreeningReply(topic="xml", answer=Answer.NO),)),
)

POSSIBLE_AFTER: dict[str, tuple[Action, ...]] = {
    Action.BEGIN_REMEDIATION: (Action.BEGIN_ANALYSIS,),
    Action.RETURN_TO_COLLECTION: (Action.BEGIN_ANALYSIS,),
    Action.RETURN_TO_ANALYSIS: (Action.BEGIN_ANALYSIS, Action.BEGIN_REMEDIATION),
    Action.REOPEN: (Action.CLOSE,),
    "retrospective": (Action.CLOSE,),
    **dict.fromkeys(REMEDIES, (Action.BEGIN_ANALYSIS, Action.BEGIN_REMEDIATION)),
}
"""The moves before a move, or before a form."""

NOTHING_TO = (
    *("undo", "reopen_register", "reopen_suggested_threat", "reopen_row", "close", "begin_remediation"),
    *("adopt_catalog", "add_places", "unlink"),
)
"""Deeds for which there is nothing here, or which want a reason first."""

REMINDING = {"snooze", "why"}
"""What wants a reminder: who may do that is tried in test_reminders.py."""

UNRECORDED = (
    *("start", "hours", "look_back", "changes_since", "terms", "respond_several", "import"),
    *("change_answers", "check", "confirm_answers", "controls", "files", "group", "places", "workspace"),
    "still_true",
    *("connect_tracker", "tracker_token", "tracker_labels", "tracker_account", "model_tracker"),
    *("account_owner", "merge_elements"),
)
"""Forms that leave nothing behind here: what *no* is confirmed for comes from a page of questions,
and answers to check from remediation.

Controls of the House are asked about one by one."""

RECORDED = {
    *(("submit", what) for what in FORMS if what not in UNRECORDED),
    *(("do", what) for what in Action if what not in NOTHING_TO),
}
"""What leaves something behind here; terms handed in as they stand change nothing."""


@pytest.mark.parametrize(("act", "what", "place"), cells())
def test_everyone_may_do_what_the_table_says_and_reads_why_not(
    harness: AccessHarness, act: str, what: str, place: str
) -> None:
    told = expected(act, what, place)
    stream = prepared(harness, act, what, place)
    began = harness.version(stream)
    for who in sorted(told, key=lambda who: (told[who] == "yes", who == "facilitator")):
        before = harness.version(stream)
        said = ACTS[act](harness, who, what, place, stream)
        assert outcome_of(said) == told[who], f"{who}: {said}"
        if told[who] != "yes":
            assert harness.version(stream) == before, f"{who} changed something"
        if told[who] not in ("yes", "steer", "guest", "admin"):
            assert not [word for word in SECRETS if word in said], f"{who} read {said}"
    if (act, what) in RECORDED:
        assert harness.version(stream) > began, "nothing came of it"


def prepared(harness: AccessHarness, act: str, what: str, place: str) -> StreamId:
    """A model in which that may be done now."""
    stream = harness.begin(place)
    if act in ("do", "open", "submit"):
        harness.move(stream, *POSSIBLE_AFTER.get(what, ()))
        harness.tell(stream, *PREPARED.get(what, ()))
        prepare_voting(harness, stream, what)
    return stream


def test_no_word_form_page_deed_or_shortcut_is_missing_in_the_table() -> None:
    table: dict[str, set[str]] = {}
    for act, what, _, _ in rows():
        table.setdefault(act, set()).add(what)
    assert table["say"] == set(SLASH_WORDS)
    assert table["open"] == table["submit"] == set(FORMS) - REMINDING
    assert {form.submission for form in FORMS.values()} == set(SUBMISSION_HANDLERS)
    assert table["show"] == set(PAGES) - REMINDING
    assert table["do"] == set(Action)
    assert (
        table["use"]
        == set(SHORTCUTS)
        == {
            REPORT_SHORTCUT,
            START_SHORTCUT,
            IMPORT_SHORTCUT,
            DRAFT_SHORTCUT,
        }
    )
    assert set(BUTTON_HANDLERS) == set(ButtonKind) == {one for act in PRESSED.values() for one in act}


@pytest.mark.parametrize("word", ["help", "start", "hours"])
def test_what_is_harmless_to_open_is_no_way_to_anything_else(harness: AccessHarness, word: str) -> None:
    stream = harness.begin("private")
    for trigger in set(ButtonKind) - {ButtonKind.WORD, ButtonKind.OPEN, ButtonKind.LINK}:
        said = harness.press("stranger", "private", trigger, Target(name=word, stream=stream))
        assert outcome_of(said) == "no", trigger


def test_a_removed_bot_tells_how_to_invite_it_again(
    harness: AccessHarness,
) -> None:
    stream = harness.begin("left")
    for act, what in sorted({(act, what) for act, what, _, _ in rows()}):
        if (act, what) in SHOWS_NOTHING:
            continue
        if what in PREPARED or what in VOTING:
            stream = prepared(harness, act, what, "left")
        for who, usually in expected(act, what, "private").items():
            before = harness.version(stream)
            said = ACTS[act](harness, who, what, "left", stream)
            wanted = usually if usually in ("bot", "gone", "alien") else "unseen"
            assert outcome_of(said) == wanted, f"{who} {act} {what}: {said}"
            assert harness.version(stream) == before
            assert not [word for word in SECRETS if word in said]


def test_what_a_form_without_a_sight_of_the_channel_holds_stays_in_it(harness: AccessHarness) -> None:
    stream = harness.begin("left")
    said = ACTS["submit"](harness, "member", "element", "left", stream)
    assert '"response_action":"errors"' in said


SHOWS_NOTHING = {
    ("say", "help"),
    ("say", "start"),
    ("follow", "link"),
    ("open", "hours"),
    ("open", "start"),
    ("submit", "hours"),
    ("submit", "workspace"),
    ("submit", "connect_tracker"),
    ("submit", "account_owner"),
    ("submit", "tracker_account"),
    ("submit", "tracker_labels"),
    ("submit", "tracker_token"),
    ("use", START_SHORTCUT),
}
