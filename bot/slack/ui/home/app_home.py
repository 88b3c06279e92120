"""Home tab: an introduction for new users, tasks for all others."""

from collections.abc import Sequence

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    header,
    json_size,
    link_button,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name, local_time
from bot.slack.protocol.targets import ButtonKind, SelectionTarget, Target, WordTarget
from bot.slack.screens.page_data import ModelListItem
from bot.slack.screens.tracker_screen import ShownTracker
from bot.slack.ui.modals.analysis.question_forms import ASKED_OF_READER
from bot.slack.ui.texts.common_texts import PHASE_LABELS, person_name
from bot.slack.ui.texts.remediation_texts import due_text, place_suffix
from bot.slack.ui.texts.tracker_texts import issue_suffix, own_account_text
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import Naming, count_phrase
from domain.kernel.threat import Response
from domain.remediation.status import TrackedMitigation
from domain.voting.turnout import OwedVotes
from domain.wording.voting import attribution_notice
from domain.working_hours import USUAL, WorkingHours


class HomeTask(msgspec.Struct, frozen=True, kw_only=True):
    """Task of a person: a line of escaped text, and the button that opens it."""

    text: str
    pressed: Block


class HomeDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a Home tab, each list with the most urgent first."""

    models: tuple[ModelListItem, ...] = ()
    ballots: tuple[HomeTask, ...] = ()
    mitigations: tuple[HomeTask, ...] = ()
    approvals: tuple[HomeTask, ...] = ()
    verifications: tuple[HomeTask, ...] = ()
    hours: WorkingHours = USUAL
    zone: str = ""
    portfolio: bool = False
    """Whether the person may see the portfolio."""
    administers: bool = False
    """Whether the person may change the settings of the workspace."""
    trackers: tuple[ShownTracker, ...] = ()
    """The connected trackers that the person may see."""


def ballot_task(stream: str, model: str, key: str, owed: OwedVotes) -> HomeTask:
    """Return the task to cast the missing ballots of one round."""
    left = count_phrase(len(owed.threats), "ballot")
    heading = f"*{escape_name(model, _NAME)}* · {left} · until {local_time(owed.deadline)}"
    few = attribution_notice(owed.panel)
    return HomeTask(
        text=f"{heading}\n{few}" if few else heading,
        pressed=button(
            "Vote",
            ButtonKind.WORD,
            WordTarget(name="vote", stream=stream, argument=owed.round),
            suffix=f"vote-{key}-{owed.round}",
            style="primary",
            spoken=f"Vote in {key}",
        ),
    )


def mitigation_task(stream: str, model: str, tracked: TrackedMitigation) -> HomeTask:
    """Return the task to implement a mitigation."""
    one = tracked.mitigation
    done = f" · {tracked.places_done} implemented" if tracked.places_done else ""
    return HomeTask(
        text=(
            f"*{escape_name(one.title, _NAME)}* · {one.id}{place_suffix(tracked)}{done} · "
            f"{escape_name(model, _NAME)} · {due_text(tracked)}{issue_suffix(tracked)}"
        ),
        pressed=_opens(stream, one.id),
    )


def approval_task(stream: str, model: str, threat: str, proposal: Response) -> HomeTask:
    """Return the task to approve the acceptance of a risk."""
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    return HomeTask(
        text=(
            f"*{escape_name(threat, _NAME)}* · {proposal.threat} · {escape_name(model, _NAME)} · "
            f"accept{until}"
        ),
        pressed=_opens(stream, proposal.threat),
    )


def verification_task(stream: str, model: str, tracked: TrackedMitigation, naming: Naming) -> HomeTask:
    """Return the task to verify someone else's implemented mitigation."""
    one = tracked.mitigation
    by = f" · implemented by {person_name(naming, one.implemented_by)}" if one.implemented_by else ""
    return HomeTask(
        text=(
            f"*{escape_name(one.title, _NAME)}* · {one.id}{place_suffix(tracked)} · "
            f"{escape_name(model, _NAME)}{by}"
        ),
        pressed=_opens(stream, one.id),
    )


def _opens(stream: str, about: str) -> Block:
    target = Target(name="response", stream=stream, element=about)
    key = stream.rpartition("/")[2]
    return button("Open", ButtonKind.SHOW, target, suffix=f"{key}-{about}", spoken=f"Open {about} of {key}")


def home_view(details: HomeDetails) -> View:
    """Return the Home tab: ballots, mitigations, approvals, verifications, questions, models."""
    if not details.models:
        settings = [*_accounts(details), *_workspace_settings(details)]
        return {"type": "home", "blocks": [*_first_contact(), *settings]}
    before = [
        *_tasks("Ballots to cast", details.ballots),
        *_tasks("My mitigations", details.mitigations),
        *_tasks("Risks to approve", details.approvals),
        *_tasks("Mitigations to verify", details.verifications),
        *_questions(details.models),
    ]
    before = before or [section("✓ You have no open tasks.")]
    after = [
        *_portfolio(details),
        *_settings(details),
        *_accounts(details),
        *_workspace_settings(details),
    ]
    models = _models(details.models, beside=[*before, *after])
    return {"type": "home", "blocks": [*before, *models, *after]}


def _first_contact() -> list[Block]:
    words = (
        "The bot guides your team through threat modeling, step by step.",
        "Participants answer asynchronously; a card in the channel shows the next step.",
        "Start in the channel of the team that builds the system.",
    )
    return [header("Collaborative threat modeling"), section("\n".join(words)), actions(_start(primary=True))]


def _tasks(title: str, tasks: Sequence[HomeTask]) -> list[Block]:
    """Return a list of tasks, shortened if it is long; empty without tasks."""
    if not tasks:
        return []
    rows = [section(task.text, accessory=task.pressed) for task in tasks[:_TASKS]]
    return [header(title), *rows, *_short_list(tasks[_TASKS:])]


def _short_list(tasks: Sequence[HomeTask]) -> list[Block]:
    """Return one line per task in as few blocks as possible, without buttons."""
    if not tasks:
        return []
    texts, left = ["*Also open:*"], list(tasks)
    while left:
        line = f"\n• {left[0].text}"
        if len(texts[-1]) + len(line) > slack_limits.SECTION - _AND_MORE:
            if len(texts) == _BRIEF:
                texts[-1] += f"\nand {len(left)} more"
                break
            texts.append("")
        texts[-1] += line
        left.pop(0)
    return [section(text.strip()) for text in texts]


def _questions(models: Sequence[ModelListItem]) -> list[Block]:
    asking = sorted((one for one in models if one.questions and one.phase not in _OVER), key=_most_questions)
    tasks = [
        HomeTask(
            text=f"*{escape_name(one.name, _NAME)}* · {_open_questions(one)}",
            pressed=button(
                "Answer",
                ButtonKind.OPEN,
                _answering(one),
                suffix=f"answer-{one.key}",
                spoken=f"Answer questions of {one.key}",
            ),
        )
        for one in asking
    ]
    return _tasks("Open questions", tasks)


def _answering(model: ModelListItem) -> Target:
    """Return the reader's own questions; without any, the screening if it comes first, else all questions."""
    if not model.asked and model.pending_screening:
        return Target(name="screening", stream=model.stream)
    selection = ASKED_OF_READER if model.asked else ""
    return SelectionTarget(name="questions", stream=model.stream, selection=selection)


def _open_questions(model: ModelListItem) -> str:
    pending = model.pending_screening
    if not model.asked:
        return pending.text if pending else count_phrase(model.questions, "open question")
    rest = pending.text if pending else f"{model.questions:,} open in total"
    return f"*{count_phrase(model.asked, 'question')} assigned to you*, {rest}"


def _most_questions(model: ModelListItem) -> tuple[int, int]:
    """Sort key: questions assigned to the reader come first."""
    return -model.asked, -model.questions


def _models(models: Sequence[ModelListItem], *, beside: Sequence[Block]) -> list[Block]:
    """Return the reader's models: those that wait for the reader first, then open ones, then closed ones."""
    ordered = sorted(models, key=lambda one: (one.phase in _OVER, not one.waits_for_me))
    blocks = [header("Models in my channels"), actions(_start(primary=False))]
    draw = _roomy if len(ordered) <= _FEW else _short_model_list
    shown = 0
    for model in ordered:
        rows = draw(model)
        room = slack_limits.VIEW_BLOCKS - len(beside) - 1
        if len(blocks) + len(rows) > room or json_size([*beside, *blocks, *rows]) > _ROOM:
            break
        blocks += rows
        shown += 1
    if shown < len(ordered):
        rest = count_phrase(len(ordered) - shown, "more model")
        blocks.append(
            context(f"{rest} in your channels. Type “/threatmodel list” in a channel to list its models.")
        )
    return blocks


def _roomy(model: ModelListItem) -> list[Block]:
    card = [link_button("Go to the card", model.permalink)] if model.permalink else []
    return [divider(), section(_words(model)), actions(*card, *_looking_back(model), _more(model))]


def _short_model_list(model: ModelListItem) -> list[Block]:
    """Return one line per model, for long lists; the card is one click further away."""
    return [section(_words(model), accessory=_more(model))]


def _looking_back(model: ModelListItem) -> list[Block]:
    if not model.owes_retrospective:
        return []
    answering = Target(name="retrospective", stream=model.stream)
    spoken = f"Answer the retrospective of {model.key}"
    return [
        button("Answer retrospective", ButtonKind.OPEN, answering, suffix=f"back-{model.key}", spoken=spoken)
    ]


def _words(model: ModelListItem) -> str:
    phase = PHASE_LABELS.get(model.phase, model.phase)
    where = f" · #{escape(model.channel, _NAME)}" if model.channel else ""
    head = f"*{escape_name(model.name, _NAME)}* · {model.key} · {phase}{where}"
    if model.phase in _OVER or not model.next:
        return head
    details = " · *your turn*" if model.waits_for_me else ""
    return f"{head}\nNext: {escape(model.next, _NEXT)}{details}"


def _more(model: ModelListItem) -> Block:
    target = Target(name="more", stream=model.stream)
    return button("More…", ButtonKind.SHOW, target, suffix=model.key, spoken=f"More about {model.key}")


def _portfolio(details: HomeDetails) -> list[Block]:
    """Return the way to the portfolio, for people with several models."""
    if not details.portfolio or len(details.models) < _SEVERAL:
        return []
    models = count_phrase(len(details.models), "model")
    text = f"*Portfolio*\n{models} of your channels side by side: open threats, overdue work, reviews."
    target = SelectionTarget(name="portfolio")
    return [divider(), section(text, accessory=button("Open portfolio", ButtonKind.SHOW, target))]


def _settings(details: HomeDetails) -> list[Block]:
    zone = f" ({escape(details.zone, _NAME)})" if details.zone else ""
    text = f"*My settings*\nWorking hours: {details.hours.text}{zone}"
    pressed = button("Change", ButtonKind.OPEN, Target(name="hours"), spoken="Change my working hours")
    return [divider(), section(text, accessory=pressed)]


def _accounts(details: HomeDetails) -> list[Block]:
    """Return the reader's accounts in trackers, and the way to the form of one, or to the page of several."""
    trackers = details.trackers
    if not trackers:
        return []
    rest = [f"and {len(trackers) - _TRACKERS} more"] if len(trackers) > _TRACKERS else []
    lines = [f"{one.id} · {escape_name(one.name, _NAME)}: {own_account_text(one)}" for one in trackers]
    text = "\n".join(["*My accounts in trackers*", *lines[:_TRACKERS], *rest])
    if len(trackers) == 1:
        target = Target(name="tracker_account", element=trackers[0].id)
        spoken = f"Choose my account in {trackers[0].id}"
        return [section(text, accessory=button("My account", ButtonKind.OPEN, target, spoken=spoken))]
    pressed = button("Trackers", ButtonKind.SHOW, Target(name="trackers"), spoken="My accounts in trackers")
    return [section(text, accessory=pressed)]


def _workspace_settings(details: HomeDetails) -> list[Block]:
    if not details.administers:
        return []
    text = "*Workspace settings*\nDefaults of all models: policy, reminders, working days, holidays."
    pressed = button("Workspace settings", ButtonKind.OPEN, Target(name="workspace"))
    return [section(text, accessory=pressed)]


def _start(*, primary: bool) -> Block:
    style = "primary" if primary else None
    return button("Start a threat model", ButtonKind.WORD, Target(name="start"), style=style)


_OVER = ("closed", "archived")
_FEW = 5
_SEVERAL = 2
_TRACKERS = 5
_TASKS = 12
"""Maximum length of each of the five task lists, so that the models still fit."""
_BRIEF = 3
_AND_MORE = 50
_NAME = 90
_NEXT = 160
_ROOM = slack_limits.VIEW_CHARACTERS - 1_000
