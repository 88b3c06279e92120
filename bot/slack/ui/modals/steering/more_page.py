"""Page of everything that is not needed daily."""

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    button_row,
    confirm,
    link_button,
    modal,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name
from bot.slack.protocol.targets import (
    ALL,
    Action,
    ButtonKind,
    DraftTarget,
    PhaseTarget,
    SelectionTarget,
    Target,
)
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.next_step_buttons import next_step_button
from bot.slack.ui.modals.page_declaration import Page, PageSource, list_page, page_buttons
from bot.slack.ui.modals.remediation.reassign_all_form import reassign_all_button
from bot.slack.ui.modals.steering.model_forms import MOVE_LABELS, MOVES
from bot.slack.ui.modals.steering.settings_page import people_text, steering_buttons
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import imported_line, list_heading, phase_steps
from bot.slack.ui.texts.remediation_texts import has_plan
from domain.commands import (
    AcceptDraft,
    AllowSharing,
    AnswerLinks,
    AnswerRetrospective,
    AnswerScreening,
    DrawFlows,
    OpenRound,
    ReportThreat,
)
from domain.kernel.elements import Kind
from domain.kernel.import_mark import SCREENING, Claim
from domain.register import ThreatRegister
from domain.wording.collection import sources_phrase


def sharing_rows(showing: PageData) -> list[Block]:
    """Return why the card is suspended, and the button that resumes it; else nothing."""
    register = showing.register
    if not showing.shared or register.sharing_allowed or not register.allows(AllowSharing):
        return []
    return [
        section(
            "*This channel is shared with another organization*, so the bot posts nothing here until an "
            "administrator of this workspace allows it."
        ),
        actions(allow_button(showing.target.stream, register)),
    ]


def allow_button(stream: str, register: ThreatRegister, *, label: str = "Allow sharing") -> Block:
    """Return the button that allows sharing: visible to all, effective for administrators only."""
    asked = confirm(
        "Allow sharing?",
        "Members of the other organization will see the card of this model and the messages in its "
        "thread. They cannot open the model, answer or change anything.",
        yes="Allow",
    )
    suffix = f"share-{register.key}"
    return ModelButtons(stream).does(label, Action.ALLOW_SHARING, suffix=suffix, confirm=asked)


def claims_page(showing: PageData) -> View:
    """Return what the reader can still confirm, each with the page on which they do."""
    target, register = showing.target, showing.register
    mine = [claim for claim in register.claims if claim.person == showing.reader]
    shown = list_page(mine, target, _ON_A_PAGE)
    head = _HOW if mine else "Nothing is left for you to confirm."
    blocks = [section(f"{imported_line(register, showing.naming)}\n{head}".strip())]
    blocks += [_claim(ModelButtons(target.stream), register, claim) for claim in shown.items]
    return modal("Imported approvals", [*blocks, *page_buttons(shown, target)], target=target, close="Done")


CLAIMS = Page(name="claims", show=claims_page)


def _claim(make: ModelButtons, register: ThreatRegister, claim: Claim) -> Block:
    subject, page = claim.subject, "response"
    about = threat = subject
    found = next((each for each in register.mitigations if each.mitigation.id == subject), None)
    if subject == SCREENING:
        text, page, about = "*Confirmed*: the topics that are screened out", "coverage", ""
    elif found:
        text, about = f"*Verified*: {escape_name(found.mitigation.title)} · {subject}", found.threat
    else:
        title = next((each.title for each in register.threats if each.id == threat), "")
        text = f"*Approved*: accepting {escape_name(title)} · {subject}"
    spoken = f"Open {subject}"
    return section(text, accessory=make.shows("Open", page, about, suffix=f"claim-{subject}", spoken=spoken))


_HOW = (
    "The file names you for the following. If one of them is your word, open it and approve, verify or "
    "confirm it: it then counts as yours. Otherwise, leave it as it is."
)
_ON_A_PAGE = 25


def more_page(showing: PageData) -> View:
    """Return the next step, lists, quick entry, history, people, and the phase changes."""
    register, make = showing.register, ModelButtons(showing.target.stream, back="more")
    card = link_button("Go to the card", showing.permalink) if showing.permalink else None
    groups = (
        ("*Lists*: browse, edit, remove", _lists(make, register)),
        ("*Quick entry*: several at a time", _quick_entry(make, register)),
        ("*Drafts*: proposals from files and agents", _drafts(showing)),
        ("*Findings and threats*", _findings(make, register)),
        (
            "*Plan*: responses to threats",
            _plan(make, register),
        ),
        ("*Votes*: DREAD ratings", _votes(make, register)),
        ("*Files*: posted in the card's thread", _files(make, register)),
        ("*History*", _history(make, register)),
        (
            f"*Participants*: {people_text(showing)}",
            [*steering_buttons(showing), make.shows("Settings", "settings")],
        ),
        (
            f"*Phase*: {phase_steps(register.phase)}",
            [
                make.opens(MOVE_LABELS[move], PhaseTarget(name="move", move=move), suffix=move)
                for move, command in MOVES.items()
                if register.allows(command)
            ],
        ),
    )
    rows = [
        section(f"*{escape_name(register.name)}* · {register.key}\nNext: {escape(register.next.text)}"),
        *button_row(next_step_button(make.stream, register), card),
        *sharing_rows(showing),
    ]
    for title, buttons in groups:
        rows += [section(title), actions(*buttons)] if buttons else []
    return modal("More", rows, target=showing.target)


MORE = Page(name="more", show=more_page, source=PageSource.DRAFTS)


def _plan(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    plan = make.shows("Plan", "plan") if has_plan(register) else None
    return [one for one in (plan, reassign_all_button(make, register)) if one]


def _lists(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    buttons = [
        make.shows(
            f"{list_heading(kind)} ({len(register.items(kind))})",
            Target(name="register", kind=kind),
            suffix=kind,
        )
        for kind in Kind
    ]
    buttons.append(make.shows(f"Assumptions ({len(register.assumptions)})", "assumptions"))
    if (register.links or register.link_proposals) and register.allows(AnswerLinks):
        buttons.append(make.opens("Link dependencies", "links"))
    return buttons


def _quick_entry(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    if not register.allows(DrawFlows):
        return []
    forms = [("flows", "Add data flows", ""), ("names", "Add elements", "")]
    if register.items(Kind.COMPONENT):
        forms.append(("place", "Place components", "" if register.unplaced else ALL))
    return [
        make.opens(label, SelectionTarget(name=form, selection=selection)) for form, label, selection in forms
    ]


def _findings(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    pages = (("threats", "Threats"), ("seen", "Findings"), ("coverage", "Coverage"))
    forms = (
        (AnswerScreening, "screening", "Screening"),
        (ReportThreat, "threat", "Report a threat"),
    )
    return [
        *(make.shows(label, page) for page, label in pages),
        *(make.opens(label, form) for command, form, label in forms if register.allows(command)),
    ]


def _votes(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    buttons = [make.runs("My ballots", "vote")] if register.rounds else []
    if register.threats and register.allows(OpenRound):
        buttons.append(make.opens("Open voting round", "open_round"))
    return buttons


def _files(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    words = ["report", "chart", "export"]
    if register.items(Kind.COMPONENT):
        words.insert(0, "diagram")
    return [make.runs(word.capitalize(), word) for word in words]


def _history(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    asked = register.allows(AnswerRetrospective) or register.retrospectives
    direct = ModelButtons(make.stream)
    return [
        *([make.shows("Retrospective", "retrospectives")] if asked else []),
        make.shows("History and undo", "history"),
        direct.opens("View past state…", "look_back"),
        direct.opens("Changes since…", "changes_since"),
    ]


def _drafts(showing: PageData) -> list[Block]:
    """Return a button for each draft that waits for a decision."""
    if not showing.register.allows(AcceptDraft):
        return []
    return [
        button(
            f"{clip(sources_phrase(draft.draft.sources), _SOURCES)} ({len(draft.comparison.open):,} open)",
            ButtonKind.OPEN,
            DraftTarget(
                name="draft", stream=showing.target.stream, element=draft.origin.draft.rpartition("/")[2]
            ),
            suffix=draft.origin.draft,
        )
        for draft in showing.drafts
    ]


_SOURCES = 45
