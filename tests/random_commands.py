"""Random walks: whatever people may ask, in whatever order, and a model in which most of it makes sense."""

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AcceptDraft,
    AcceptedItem,
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    AdoptCatalog,
    AllowSharing,
    AnswerLinks,
    AnswerOpenQuestions,
    AnswerPrompt,
    AnswerQuestions,
    AnswerRetrospective,
    AnswerScreening,
    ApproveAcceptance,
    ApproveAcceptances,
    ArchiveThreatModel,
    AskPerson,
    BallotEntry,
    BeginAnalysis,
    BeginRemediation,
    BulkReply,
    CastBallot,
    CastBallots,
    CheckAnswer,
    ChooseLabels,
    ChooseParticipants,
    ChoosePolicy,
    ChooseResponse,
    ChooseTerms,
    ChooseTracker,
    CloseRound,
    CloseThreatModel,
    Command,
    CompleteRegister,
    ConfirmAssumptions,
    ConfirmClosing,
    ConfirmScreening,
    ConfirmSuggestedThreats,
    ConsiderRow,
    ConsiderRows,
    DecideGroup,
    DeclineAcceptance,
    DeclineClosing,
    DescribeElements,
    DismissIssueProposal,
    DismissSuggestedThreats,
    DrawFlows,
    DropMitigation,
    ElementDetails,
    ExplainBallot,
    ExtendRound,
    FlowByNames,
    FlowEnd,
    FollowChannel,
    ForbidSharing,
    HandOver,
    ImplementMitigation,
    LeaveRound,
    LinkIssue,
    LinkMitigation,
    LinkReply,
    MarkReferenceThreat,
    MergeElements,
    MergeThreats,
    NameElements,
    OpenFact,
    OpenQuestion,
    OpenRound,
    OrderTrustLevels,
    PlaceComponents,
    Placement,
    PlanMitigation,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    ProtocolMeaning,
    ReassignAll,
    ReassignApproval,
    ReassignMitigation,
    RecordAssumption,
    RecordIssueState,
    RefuseVerification,
    RemoveElement,
    RemovePlaces,
    ReopenRegister,
    ReopenRow,
    ReopenSuggestedThreat,
    ReopenThreatModel,
    Reply,
    ReportThreat,
    RequestIssue,
    RescheduleMitigation,
    ResumeMitigation,
    ReturnToAnalysis,
    ReturnToCollection,
    ReviseAsset,
    ReviseAssumption,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseMitigation,
    ReviseScope,
    ReviseThreat,
    ReviseTrustBoundary,
    ReviseTrustLevel,
    ScreeningReply,
    SettleRound,
    SnoozeReminder,
    StartMitigation,
    TakeMedians,
    TakeOver,
    TechnologyMeaning,
    Undo,
    UnlinkIssue,
    UnlinkMitigation,
    UnmarkReferenceThreat,
    VerifyMitigation,
    WithdrawAssumption,
    WithdrawClosing,
    WithdrawThreat,
)
from domain.drafts.draft import DraftAnswer, DraftItem, DraftSource, ProposedThreat, SourceKey, SourcePlace
from domain.drafts.settlement import DraftId, settled
from domain.dread.metrics import BallotLength, Discoverability, Metric, Numbers
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import CheckOutcome
from domain.kernel.closing import RetrospectiveAnswer, RetrospectiveQuestion
from domain.kernel.elements import (
    REGISTERS,
    SYSTEM,
    AssumptionId,
    ChannelId,
    ComponentKind,
    ElementId,
    Exposure,
    Kind,
    NameChoice,
    Rating,
)
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy, ReminderFrequency
from domain.kernel.mitigation import MitigationId, MitigationLink
from domain.kernel.thought_prompt import PromptKind
from domain.kernel.threat import (
    ControlClass,
    PlaceId,
    ResponseKind,
    SeenProposal,
    Stride,
    SuggestedThreatId,
    ThreatId,
)
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackerId, TrackerKind
from domain.kernel.voting_round import RoundId, RoundKind
from tests.examples import ANA, BEN, CHI, at, reasons_for_conditions

FURNISHED = (
    NameElements(
        by=CHI, at=at(0), entry_points=("Door",), assets=("Key", "Purse"), trust_levels=("Low", "High")
    ),
    DrawFlows(
        by=CHI,
        at=at(0),
        flows=(
            FlowByNames(source="Guest", target="House", assets=("Key",), entry_point="Door"),
            FlowByNames(source="Garage", target="House", assets=("Purse",)),
        ),
    ),
    PlaceComponents(
        by=CHI,
        at=at(0),
        placements=(
            Placement(
                component=ElementId("CO-1"),
                sort=ComponentKind.EXTERNAL_ENTITY,
                trust_level=ElementId("TL-1"),
            ),
            Placement(
                component=ElementId("CO-2"),
                sort=ComponentKind.PROCESS,
                trust_level=ElementId("TL-2"),
                boundary="Locks",
            ),
        ),
    ),
)
"""A model with something of everything, so that most commands meet what they speak of."""

people = st.sampled_from([ANA, BEN, CHI])
names = st.sampled_from(
    ["Key", "key", "House", "Door", "Garage", "Résumé", " Key ", "Key (old)", "<!channel>", "‮evil", ""]
)
reasons = st.sampled_from(["", "it is late"])
condition_reasons = st.sampled_from([(), reasons_for_conditions()])
ratings = st.sampled_from([None, *Rating])
numbers = st.integers(1, 6)


def ids(prefix: str) -> st.SearchStrategy[ElementId]:
    return numbers.map(lambda number: ElementId(f"{prefix}-{number}"))


def maybe(prefix: str) -> st.SearchStrategy[ElementId | None]:
    return st.none() | ids(prefix)


def a(command: Callable[..., Command], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Command]:
    return st.builds(command, **{"by": people, "at": st.just(at(1)), **fields})


def many(of: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=most).map(tuple)


any_element = st.sampled_from(["XD", "EP", "AS", "TL", "DF", "CO", "TB"]).flatmap(ids)
technologies = st.sampled_from([None, "", "amazon_s3", "django", "browser"])
protocols = st.sampled_from(["", "HTTPS", "by hand"])
flows = st.builds(
    FlowByNames,
    source=names,
    target=names,
    assets=many(names, 2),
    entry_point=st.sampled_from(["", "Door"]),
    protocol=protocols,
    two_way=st.booleans(),
    target_end=st.builds(FlowEnd, technology=st.sampled_from(["", "amazon_s3", "nonsense"])),
)
placements = st.builds(
    Placement,
    component=ids("CO"),
    sort=st.sampled_from([None, *ComponentKind]),
    trust_level=maybe("TL"),
    boundary=st.sampled_from(["", "Locks", "Fence"]),
    technology=technologies,
)
details = st.builds(
    ElementDetails,
    element=ids("AS") | ids("EP") | ids("XD"),
    owner=st.sampled_from(["", "Ben"]),
    exposure=st.sampled_from([None, *Exposure]),
    component=maybe("CO"),
    readers=many(ids("TL"), 2),
)
merges = st.sampled_from(["XD", "EP", "AS", "TL", "DF", "CO", "TB"]).flatmap(
    lambda prefix: a(MergeElements, element=ids(prefix), into=ids(prefix))
)
replies = st.builds(
    Reply,
    element=ids("DF") | ids("EP"),
    fact=st.sampled_from([*BUILT_IN.facts, "nonsense"]),
    answer=st.sampled_from(Answer),
)
open_facts = st.builds(
    OpenFact,
    element=ids("DF") | ids("CO"),
    fact=st.sampled_from(["encrypted", "integrity_protected", "encrypted_at_rest", "nonsense"]),
)
bulk_replies = st.builds(
    BulkReply,
    fact=st.sampled_from([*BUILT_IN.facts, "nonsense"]),
    elements=many(ids("DF") | ids("EP")),
    answer=st.sampled_from(Answer),
)
link_replies = st.builds(LinkReply, dependency=ids("XD"), component=ids("CO"), same=st.booleans())
choices = st.builds(
    NameChoice,
    kind=st.sampled_from(Kind),
    name=names,
    others=many(names),
    same=st.just("") | names,
)
screening_replies = st.builds(
    ScreeningReply, topic=st.sampled_from([*BUILT_IN.topics, "nonsense"]), answer=st.sampled_from(Answer)
)
suggested_threats = st.tuples(
    st.sampled_from([rule.id for rule in BUILT_IN.rules]), ids("DF") | ids("EP")
).map(lambda pair: SuggestedThreatId(f"{pair[0]}@{pair[1]}"))
questions = st.builds(
    OpenQuestion, element=ids("DF") | ids("EP"), fact=st.sampled_from([*BUILT_IN.facts, "nonsense"])
)
threats = numbers.map(lambda number: ThreatId(f"TH-{number}"))
rounds = st.integers(1, 3).map(lambda number: RoundId(f"RD-{number}"))
scores = st.none() | st.sampled_from([0, 1, 2, 5, 9, 10])
ballots = st.builds(Numbers, **dict.fromkeys(Metric, scores))
ballot_entries = st.builds(BallotEntry, threat=threats, numbers=ballots, follow_up=st.booleans())
mitigations = st.integers(1, 4).map(lambda number: MitigationId(f"MI-{number}"))
days = st.sampled_from([date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 20), date(2026, 9, 1), date.max])
trackers = st.just(TrackerId("TR-1"))
issues = st.builds(
    IssueReference,
    tracker=trackers,
    kind=st.just(TrackerKind.GITHUB),
    key=st.sampled_from(["#1", "#2"]),
    url=st.just("https://github.com/acme/shop/issues"),
)
seen_issues = st.builds(
    SeenIssue,
    state=st.sampled_from(IssueState),
    assignee=st.sampled_from(["", "Dana"]),
    person=st.none() | people,
    due=st.none() | days,
)
links = st.builds(MitigationLink, threat=threats, place=st.sampled_from([PlaceId(""), PlaceId("EP-1")]))
proposals = st.builds(SeenProposal, threat=threats, proposed_at=st.sampled_from([at(0), at(60)]))
band_policies = st.builds(
    BandPolicy,
    due_days=st.none() | st.sampled_from([0, 14]),
    accepted_days=st.sampled_from([90, 365]),
    approvers=many(people),
)
policies = st.builds(RemediationPolicy, critical=band_policies, low=band_policies)
answers = st.builds(RetrospectiveAnswer, question=st.sampled_from(RetrospectiveQuestion), text=names)
source_keys = st.sampled_from([SourceKey(""), *(SourceKey(f"compose:{n}") for n in range(4))])
source_place = SourcePlace(file="compose.yaml", line=3)
draft_items = st.builds(
    DraftItem,
    key=source_keys,
    kind=st.sampled_from(Kind),
    name=names,
    place=st.just(source_place),
    source=source_keys,
    target=source_keys,
    component=source_keys,
    parent=source_keys,
    answers=many(
        st.builds(
            DraftAnswer,
            fact=st.sampled_from(["isolated", "nonsense"]),
            answer=st.sampled_from(Answer),
            place=st.just(source_place),
        ),
        1,
    ),
)
accepted_items = st.builds(
    AcceptedItem,
    item=draft_items,
    same=maybe("CO"),
    another=st.booleans(),
    confirmed=st.sampled_from([(), ("isolated",)]),
)
proposed_threats = st.builds(
    ProposedThreat,
    key=source_keys,
    title=names,
    stride=many(st.sampled_from(Stride)),
    place=st.just(source_place),
    element=st.none() | any_element,
)
flow = {
    "source": ids("CO"),
    "target": ids("CO"),
    "assets": many(ids("AS")),
    "entry_point": maybe("EP"),
    "protocol": protocols,
    "assets_back": many(ids("AS"), 1),
}
place = {
    "name": names,
    "sort": st.sampled_from([None, *ComponentKind]),
    "trust_level": maybe("TL"),
    "boundary": maybe("TB"),
    "technology": technologies,
}

anything = st.one_of(
    a(
        NameElements,
        entry_points=many(names),
        assets=many(names),
        trust_levels=many(names),
        choices=many(choices),
    ),
    a(
        DrawFlows,
        flows=many(flows),
        choices=many(choices),
        trust_levels=many(names, 2),
        usual_levels=st.booleans(),
    ),
    a(
        PlaceComponents,
        placements=many(placements),
        protocols=many(st.builds(ProtocolMeaning, flow=ids("DF"), protocol=protocols), 2),
        technologies=many(st.builds(TechnologyMeaning, component=ids("CO")), 2),
    ),
    a(DescribeElements, details=many(details)),
    a(AddExternalDependency, name=names, choices=many(choices)),
    a(AddEntryPoint, name=names, parent=maybe("EP"), component=maybe("CO")),
    a(AddAsset, name=names, confidentiality=ratings, stored_in=many(ids("CO"), 1)),
    a(AddTrustLevel, name=names, above=maybe("TL"), lowest=st.booleans()),
    a(AddDataFlow, **flow),
    a(AddComponent, **place),
    a(AddTrustBoundary, name=names, parent=maybe("TB")),
    a(ReviseExternalDependency, element=ids("XD"), name=names),
    a(ReviseEntryPoint, element=ids("EP"), name=names, component=maybe("CO")),
    a(ReviseAsset, element=ids("AS"), name=names, confidentiality=ratings),
    a(ReviseTrustLevel, element=ids("TL"), name=names),
    a(ReviseDataFlow, element=ids("DF"), **flow),
    a(ReviseComponent, element=ids("CO"), **place),
    a(ReviseTrustBoundary, element=ids("TB"), name=names, parent=maybe("TB")),
    a(OrderTrustLevels, order=st.permutations([ElementId(f"TL-{n}") for n in range(1, 4)]).map(tuple)),
    a(RemoveElement, element=any_element),
    a(RemoveElement, element=any_element, together=st.just(True)),
    a(RemoveElement, element=any_element, replacement=any_element),
    merges,
    a(AnswerQuestions, replies=many(replies)),
    a(
        CheckAnswer,
        element=ids("DF") | ids("EP"),
        fact=st.sampled_from(["encrypted", "caller_authenticated", "nonsense"]),
        answer=st.sampled_from(Answer),
        outcome=st.sampled_from(CheckOutcome),
        evidence=st.sampled_from(["", "https://example.org/test"]),
    ),
    a(ConfirmAssumptions, facts=many(open_facts)),
    a(AdoptCatalog),
    a(AnswerOpenQuestions, replies=many(replies), bulk=many(bulk_replies)),
    a(AnswerLinks, replies=many(link_replies)),
    a(AnswerScreening, replies=many(screening_replies)),
    a(ConfirmScreening),
    a(CompleteRegister, register=st.sampled_from(Kind)),
    a(ReopenRegister, register=st.sampled_from(REGISTERS)),
    a(RecordAssumption, text=names),
    a(ReviseAssumption, assumption=numbers.map(lambda n: AssumptionId(f"AU-{n}")), text=names),
    a(WithdrawAssumption, assumption=numbers.map(lambda n: AssumptionId(f"AU-{n}"))),
    a(
        AcceptDraft,
        draft=st.sampled_from([DraftId("TM-1/D-1"), DraftId("TM-1/D-2")]),
        sources=st.just((DraftSource(name="compose.yaml", format="Compose", sha256="ab" * 32),)),
        brought_by=st.none() | people,
        items=many(accepted_items),
        threats=many(proposed_threats, 1),
        left=many(draft_items.map(settled), 2),
        removed=many(source_keys, 1),
        kept=many(source_keys, 1),
    ),
    a(ReportThreat, title=names, stride=many(st.sampled_from(Stride)), element=st.none() | any_element),
    a(ReviseThreat, threat=threats, title=names, stride=many(st.sampled_from(Stride))),
    a(WithdrawThreat, threat=threats),
    a(
        OpenRound,
        threats=many(threats),
        voters=many(people),
        kind=st.sampled_from(RoundKind),
        discoverability=st.sampled_from(Discoverability),
        length=st.sampled_from(BallotLength),
    ),
    a(
        CastBallot,
        round=rounds,
        threat=threats,
        numbers=ballots,
        reason=names,
        follow_up=st.booleans(),
    ),
    a(CastBallots, round=rounds, ballots=many(ballot_entries)),
    a(CloseRound, round=rounds),
    a(ExtendRound, round=rounds),
    a(SettleRound, round=rounds, reason=reasons),
    a(TakeMedians, round=rounds),
    a(LeaveRound, round=rounds, voter=st.none() | people),
    a(
        ExplainBallot,
        round=rounds,
        threat=threats,
        metric=st.sampled_from(Metric),
        text=names,
    ),
    a(MarkReferenceThreat, threat=threats),
    a(UnmarkReferenceThreat, threat=threats),
    a(MergeThreats, kept=threats, merged=threats),
    a(ConfirmSuggestedThreats, suggested_threats=many(suggested_threats), threat=st.none() | threats),
    a(
        DecideGroup,
        confirmed=many(suggested_threats),
        dismissed=many(suggested_threats),
        threat=st.none() | threats,
        reason=reasons,
    ),
    a(RemovePlaces, threat=threats, suggested_threats=many(suggested_threats)),
    a(DismissSuggestedThreats, suggested_threats=many(suggested_threats), reason=reasons),
    a(ReopenSuggestedThreat, suggested_threat=suggested_threats),
    a(ConsiderRow, element=any_element, reason=reasons),
    a(ConsiderRows, elements=many(any_element), reason=reasons),
    a(ReopenRow, element=any_element),
    a(
        AnswerPrompt,
        prompt=st.sampled_from(PromptKind),
        element=any_element,
        title=st.just("") | names,
        stride=st.just(()) | many(st.sampled_from(Stride)),
    ),
    a(AskPerson, person=people, questions=many(questions)),
    a(
        ChooseResponse,
        threat=threats,
        also=many(threats),
        response=st.sampled_from(ResponseKind),
        reason=reasons,
        transferred_to=names,
        owner=st.none() | people,
        due=st.none() | days,
    ),
    a(
        ProposeAcceptance,
        threat=threats,
        also=many(threats),
        expires=st.none() | days,
        reason=reasons,
        approver=st.none() | people,
    ),
    a(ReassignApproval, threat=threats, approver=people),
    a(ApproveAcceptance, threat=threats),
    a(ApproveAcceptances, proposals=many(proposals)),
    a(DeclineAcceptance, threat=threats, reason=reasons),
    a(
        PlanMitigation,
        threat=threats,
        also=many(threats),
        suggested=st.booleans(),
        title=names,
        control=st.none() | st.sampled_from(ControlClass),
        owner=st.none() | people,
        due=st.none() | days,
    ),
    a(PlanSuggestedMitigations, threats=many(threats), due=st.none() | days),
    a(LinkMitigation, mitigation=mitigations, threats=many(threats)),
    a(UnlinkMitigation, mitigation=mitigations, threat=threats),
    a(ReviseMitigation, mitigation=mitigations, title=names),
    a(ReassignMitigation, mitigation=mitigations, owner=people),
    a(ReassignAll, of=people, person=people),
    a(RescheduleMitigation, mitigation=mitigations, due=days),
    a(StartMitigation, mitigation=mitigations),
    a(ImplementMitigation, mitigation=mitigations, evidence=reasons, links=many(links)),
    a(VerifyMitigation, mitigation=mitigations, links=many(links)),
    a(RefuseVerification, mitigation=mitigations, reason=reasons, links=many(links)),
    a(DropMitigation, mitigation=mitigations, reason=reasons),
    a(ResumeMitigation, mitigation=mitigations),
    a(ChooseTracker, own=st.booleans(), tracker=st.none() | trackers, shares_threats=st.booleans()),
    # The system reports issues; people may link one, and answer what it proposes.
    a(
        LinkIssue,
        by=people | st.just(SYSTEM),
        mitigation=mitigations,
        issue=issues,
        seen=st.none() | seen_issues,
        typed=st.booleans(),
    ),
    a(RecordIssueState, by=st.just(SYSTEM), mitigation=mitigations, issue=issues, seen=seen_issues),
    a(UnlinkIssue, mitigation=mitigations),
    a(RequestIssue, mitigation=mitigations),
    a(DismissIssueProposal, mitigation=mitigations),
    a(
        SnoozeReminder,
        key=st.sampled_from(["one", "two"]),
        until=st.sampled_from([at(0), at(60), at(60 * 24 * 30)]),
    ),
    a(AnswerRetrospective, answers=many(answers)),
    a(AllowSharing),
    a(ForbidSharing),
    a(FollowChannel, channel=st.just(ChannelId("C2"))),
    a(ReviseScope, name=names),
    a(ChooseLabels, labels=many(names)),
    a(ChooseParticipants, participants=many(people)),
    a(
        ChooseTerms,
        quorum=st.none() | st.integers(0, 60),
        discoverability=st.sampled_from(Discoverability),
        reminders=st.sampled_from(ReminderFrequency),
    ),
    a(ChoosePolicy, policy=policies),
    a(HandOver, facilitator=people),
    a(TakeOver),
    a(Undo),
    a(BeginAnalysis, reason=reasons, reasons=condition_reasons),
    a(BeginRemediation, reason=reasons, reasons=condition_reasons),
    a(ReturnToCollection),
    a(ReturnToAnalysis),
    a(CloseThreatModel, reason=reasons, reasons=condition_reasons, confirmer=st.none() | people),
    a(ConfirmClosing),
    a(DeclineClosing, reason=reasons),
    a(WithdrawClosing),
    a(ReopenThreatModel),
    a(ArchiveThreatModel),
)
walks = st.lists(anything, max_size=30)
