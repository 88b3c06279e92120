"""Forms for every subject of a model, opened and submitted."""

from collections.abc import Iterator
from typing import Any

from hypothesis import note
from msgspec.structs import replace

from bot.formats.import_preview import ImportPreview
from bot.sandbox.api import state_values
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.escaping import escape_name as escaped
from bot.slack.protocol.targets import (
    ALL,
    FILES,
    AccountTarget,
    DraftTarget,
    ImportTarget,
    MessageTarget,
    PhaseTarget,
    RatingTarget,
    ReminderTarget,
    SelectionTarget,
    Target,
    ThreatResponseTarget,
    VotingTarget,
)
from bot.slack.queries.reminder_list import snooze_options
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.screens.tracker_screen import account_digest
from bot.slack.ui.forms.form import FieldErrors, FilePreview, FormContext, OwedBallots, SnoozeChoice
from bot.slack.ui.forms.form_fields import SubmittedValues, field_key
from bot.slack.ui.modals.analysis.coverage_page import review_several_target
from bot.slack.ui.modals.analysis.suggested_threats_page import encode_suggested_threats
from bot.slack.ui.modals.collecting.element_pages import DETAILED_KINDS
from bot.slack.ui.modals.modal_registry import FORMS, target_of
from bot.slack.ui.modals.remediation.plan_page import approvable_proposals, unanswered_threats
from bot.slack.ui.modals.steering.model_forms import MOVES
from domain.built_in_catalog import BUILT_IN
from domain.draft_comparison.choices import DraftChoices, DraftOrigin
from domain.draft_comparison.compared_draft import compare_draft
from domain.drafts.settlement import DraftId
from domain.dread.metrics import (
    QUICK_METRICS,
    Ballot,
    BallotLength,
    Confidence,
    Discoverability,
    Metric,
    Numbers,
)
from domain.element_kinds import NAMES_IN
from domain.kernel.elements import Kind, references
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import ResponseKind, Stride, Threat, ThreatId
from domain.kernel.tracked_issue import TrackerKind
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel
from domain.register import ThreatRegister, register
from domain.reminders import Reachability
from domain.replay import EMPTY
from tests.domain.drafted_shop import SHOP
from tests.examples import ANA, at
from tests.slack.hostile_models import STREAM, ModelSize
from tests.slack.tracker_screens import ACCOUNT, SCREEN

WORDS = ["one", "two", "three", "four"]
STATES = {
    "implement": (MitigationState.PLANNED, MitigationState.STARTED),
    "refuse": (MitigationState.IMPLEMENTED, MitigationState.VERIFIED),
    "drop": (MitigationState.STARTED, MitigationState.VERIFIED),
    "reassign": (MitigationState.STARTED, MitigationState.IMPLEMENTED),
    "reschedule": (MitigationState.PLANNED, MitigationState.STARTED),
}
"""In which states of a mitigation a form about it can be opened."""
SOME = ModelSize(elements=15, boundaries=3, assumptions=3)


def form_targets(name: str, model: ThreatModel, known: ThreatRegister | None = None) -> list[Target]:
    """All that a form may be opened about: each kind and a few elements of it, each move."""
    known = register(model) if known is None else known
    match name:
        case "element":
            adding = [Target(stream=STREAM, kind=kind) for kind in Kind]
            return adding + [
                Target(stream=STREAM, kind=kind, element=element.id)
                for kind in Kind
                for element in [*model.of_kind(kind)[:1], *model.of_kind(kind)[-1:]]
            ]
        case "add_names":
            return [Target(stream=STREAM, kind=kind) for kind in NAMES_IN]
        case "assumption":
            held = [Target(stream=STREAM, element=one) for one in list(model.assumptions.keys())[:2]]
            return [Target(stream=STREAM), Target(stream=STREAM, round=3), *held]
        case "threat":
            picked = MessageTarget(stream=STREAM, channel="C0HOUSE01", message="1764000000.000100")
            seen = [Target(stream=STREAM, element=threat) for threat in list(model.threats.keys())[:2]]
            return [Target(stream=STREAM), Target(stream=STREAM, round=3), picked, *seen]
        case "dismiss":
            up = [suggested_threat.id for suggested_threat in known.suggested_threats]
            return [Target(stream=STREAM, element=",".join(some)) for some in (up[:1], up[:30]) if some]
        case "group":
            groups = [
                [suggested_threat.id for suggested_threat in group.suggested_threats]
                for group in known.groups
            ]
            groups.sort(key=len)
            return [
                Target(stream=STREAM, element=encode_suggested_threats(some[:100]))
                for some in (*groups[:1], *groups[-1:])
            ]
        case "places":
            confirmed = [threat.id for threat in model.threats.values() if threat.suggested_threats]
            return [Target(stream=STREAM, element=one) for one in sorted(confirmed)[:2]]
        case "ask":
            asked = known.questions
            return [Target(stream=STREAM, element=one.element) for one in (*asked[:1], *asked[-1:])]
        case "consider":
            rows = known.coverage.rows
            single = [SelectionTarget(stream=STREAM, element=row.element) for row in (*rows[:1], *rows[-1:])]
            several = [review_several_target(STREAM, rows, selected=ticked) for ticked in (False, True)]
            return [*single, *(several if len(rows) > 1 else [])]
        case "think":
            return [
                SelectionTarget(stream=STREAM, element=one.element, selection=one.kind)
                for one in known.prompts[:2]
            ]
        case "remove_used":
            used = {reference for element in model.elements.values() for reference in references(element)}
            return [Target(stream=STREAM, element=one) for one in sorted(used)[:3]]
        case "merge_elements":
            return [SelectionTarget(stream=STREAM, element=one) for one in sorted(model.elements)[:3]]
        case "merge":
            some = list(model.threats.keys())[:2]
            return [Target(stream=STREAM, element=one) for one in some if len(model.threats) > 1]
        case "respond":
            kinds = [kind for kind in ResponseKind if kind is not ResponseKind.ACCEPT]
            threats = list(model.threats.keys())[:2]
            return [
                ThreatResponseTarget(stream=STREAM, element=threat, response=kind)
                for threat in (*threats, *([",".join(threats)] if len(threats) > 1 else []))
                for kind in kinds
            ]
        case "accept":
            some = list(model.threats.keys())[:3]
            several = [",".join(some)] if len(some) > 1 else []
            return [Target(stream=STREAM, element=one) for one in (*some, *several)]
        case "respond_several":
            if not unanswered_threats(known):
                return []
            return [SelectionTarget(stream=STREAM), SelectionTarget(stream=STREAM, selection=ALL)]
        case "approve_several":
            return [Target(stream=STREAM)] if approvable_proposals(known, ANA) else []
        case "reassign_all":
            return [Target(stream=STREAM)] if known.duties else []
        case "verify_links":
            waiting = MitigationState.IMPLEMENTED
            fitting = [one.mitigation.id for one in known.mitigations if one.mitigation.state is waiting]
            return [Target(stream=STREAM, element=one) for one in fitting[:2]]
        case "decline" | "reassign_approval":
            return [Target(stream=STREAM, element=proposal) for proposal in list(model.proposals.keys())[:2]]
        case "mitigation":
            threats = list(model.threats.keys())[:3]
            several = [",".join(threats)] if len(threats) > 1 else []
            about = [*threats[:2], *several, *list(model.mitigations.keys())[:2]]
            return [Target(stream=STREAM, element=one) for one in about]
        case "implement" | "refuse" | "drop" | "reassign" | "reschedule":
            fitting = [one.id for one in model.mitigations.values() if one.state in STATES[name]]
            return [Target(stream=STREAM, element=one) for one in sorted(fitting)[:2]]
        case "hours" | "workspace":
            return [Target(stream=STREAM), Target()]
        case "connect_tracker":
            return [SelectionTarget(stream=STREAM, selection=kind.value) for kind in TrackerKind]
        case "account_owner":
            digest = account_digest(ACCOUNT.person, ACCOUNT.account)
            return [AccountTarget(stream=STREAM, element="TR-1", account=digest)]
        case "tracker_token" | "tracker_labels" | "tracker_account":
            return [Target(stream=STREAM, element=one) for one in ("TR-1", "TR-2")]
        case "ballot":
            return [
                *(
                    VotingTarget(stream=STREAM, element="TH-1", voting_round=RoundId("RD-1"), page=page)
                    for page in range(4)
                ),
                VotingTarget(stream=STREAM, voting_round=RoundId("RD-1")),
            ]
        case "explain":
            seen = list(model.threats.keys())[:2]
            return [RatingTarget(stream=STREAM, element=one, rating="RD-1/damage") for one in seen]
        case "snooze":
            planned = list(model.mitigations.keys())[:2]
            return [
                ReminderTarget(stream=STREAM, element=one, reminder=f"TM-1:UANA:overdue:{one}:")
                for one in planned
            ]
        case "settle_round":
            return [VotingTarget(stream=STREAM, voting_round=RoundId("RD-1"))]
        case "move":
            return [PhaseTarget(stream=STREAM, move=move) for move in MOVES]
        case "place":
            return [
                SelectionTarget(stream=STREAM, selection="all"),
                Target(stream=STREAM),
                Target(stream=STREAM, element="CO-3"),
            ]
        case "questions":
            return [Target(stream=STREAM, page=page) for page in (0, 5, 99_999)]
        case "where":
            return [SelectionTarget(stream=STREAM, selection=",".join(BUILT_IN.topics))]
        case "details":
            return [Target(stream=STREAM, kind=kind) for kind in DETAILED_KINDS]
        case "controls":
            return [
                SelectionTarget(stream=STREAM, selection="controls", page=page) for page in (0, 5, 99_999)
            ]
        case "answers":
            facts = dict.fromkeys(question.fact for question in known.questions)
            return [SelectionTarget(stream=STREAM, selection=fact) for fact in list(facts)[:3]]
        case "change_answers":
            some = [one.id for one in (*known.suggested_threats, *known.prevented) if one.facts][:100]
            cells = [f"{row.element}/{cell.category}" for row in known.coverage.rows for cell in row.cells]
            behind = [one for one in cells if known.answers_behind(one)][:5]
            return [
                *([SelectionTarget(stream=STREAM, element=encode_suggested_threats(some))] if some else []),
                *(SelectionTarget(stream=STREAM, element=one) for one in behind),
            ]
        case "start":
            return [Target(channel="C0HOUSE01"), Target()]
        case "draft":
            waiting = DraftTarget(stream=STREAM, element="F0FILE", selection=FILES)
            return [DraftTarget(stream=STREAM, element="D-1"), waiting]
        case "import":
            read = ImportTarget(channel="C0HOUSE01", element="F0FILE", sha256="f" * 64)
            return [read, replace(read, sha256="")]
        case "decline_closing" if model.closing is None:
            return []
        case _:
            return [Target(stream=STREAM)]


def ballot_paper(known: ThreatRegister, target: Target) -> BallotPaper:
    """What somebody is asked about a threat: for the first or second time, with a ballot of theirs or not."""
    mine = Ballot(numbers=Numbers(damage=3), reason="it <!channel> rains", confidence=Confidence.LOW)
    made_up = Threat(id=ThreatId("TH-1"), title="It rains in", stride=(Stride.TAMPERING,))
    return BallotPaper(
        round=RoundId("RD-1"),
        threat=replace(next(iter(known.threats), made_up), id=ThreatId("TH-1")),
        metrics=tuple(Metric)[: 1 + target.page],
        deadline=at(90),
        discoverability=tuple(Discoverability)[target.page % 3],
        number=1,
        of=2,
        rubric=1,
        panel=4 - target.page % 4,
        revote_of=RoundId("RD-0") if target.page % 2 == 1 else None,
        before=mine if target.page % 2 == 1 else None,
        ballot=mine if target.page > 1 else None,
        explained=("Damage: I saw it <@U0ANA0001> (Ana)",),
    )


def quick_papers(known: ThreatRegister, target: Target) -> tuple[BallotPaper, ...]:
    """A page of quick ballots: two threats, one with an earlier ballot."""
    first = replace(
        ballot_paper(known, replace(target, page=2)),
        metrics=QUICK_METRICS,
        length=BallotLength.QUICK,
        discoverability=Discoverability.VOTED,
        owed=2,
    )
    second = replace(first.threat, id=ThreatId("TH-2"), title="It <!channel> snows in", description="")
    return (first, replace(first, threat=second, ballot=None, number=2))


def open_form_view(name: str, seen: ThreatModel | ThreatRegister, target: Target, **more: Any) -> View:
    known = register(seen) if isinstance(seen, ThreatModel) else seen
    if name == "ballot":
        more["loaded"] = (
            OwedBallots(paper=ballot_paper(known, VotingTarget.of(target)))
            if target.element
            else OwedBallots(page=quick_papers(known, target))
        )
    if name == "snooze":
        more["loaded"] = SnoozeChoice(
            about=f"*Overdue:* {escaped(known.name)}", moments=snooze_options(Reachability(), at(0))
        )
    if name == "import" and ImportTarget.of(target).sha256:
        preview = ImportPreview(
            title="OTM", name=known.name, parts=("1 asset",), events=2, past=False, notes=(known.name,) * 50
        )
        more["loaded"] = FilePreview(preview=preview)
    if name == "draft" and target.element == "D-1":
        more["loaded"] = opened_draft(seen)
    more.setdefault("loaded", SCREEN)
    opening = FormContext(target=target, person=ANA, register=known, **more)
    return FORMS[name].render(opening)


def opened_draft(seen: ThreatModel | ThreatRegister) -> OpenDraft:
    """A draft in which everything is new, also where the model is known by its register alone."""
    model = seen if isinstance(seen, ThreatModel) else EMPTY
    origin = DraftOrigin(draft=DraftId("TM-1/D-1"), brought_by=ANA)
    return OpenDraft(draft=SHOP, origin=origin, comparison=compare_draft(SHOP, model), choices=DraftChoices())


def all_forms(model: ThreatModel, number: int) -> Iterator[tuple[str, ThreatRegister, Target]]:
    """Every form that there can be of a model, each about one of the things that it can be about."""
    seen = register(model)
    for name in FORMS:
        if about := form_targets(name, model, seen):
            target = about[number % len(about)]
            note(f"{name} about {target}")
            yield name, seen, target


def submitted_view(view: View, **typed: object) -> View:
    """The view as Slack sends it back, untouched but for the texts given by the keys of fields."""
    values = state_values(view["blocks"], {})
    ids = {field_key(block_id): block_id for block_id in values}
    for name, text in typed.items():
        element = values[ids[name]]["value"]
        key = next(key for key in element if key != "type")
        element[key] = text
    return {**view, "state": {"values": values}}


def requested_command(name: str, view: View) -> Any:
    """The command that a submitted view asks for."""
    form = FORMS[name]
    return form.command(form.parse(view), target_of(view), by=ANA, at=at(60))


def submitted_values(name: str, view: View) -> SubmittedValues:
    """What a view gives back untouched; a box of lines may not be readable yet and counts as empty."""
    state = view if "state" in view else submitted_view(view)
    return SubmittedValues({}) if field_errors(name, state) else FORMS[name].parse(state)


def field_errors(name: str, view: View) -> dict[str, str]:
    """The sentences beside the fields of a submitted view."""
    try:
        FORMS[name].parse(view)
    except FieldErrors as problem:
        return problem.errors
    return {}
