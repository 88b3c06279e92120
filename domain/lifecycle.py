"""The lifecycle: a state chart of phases, steps and guards, and the commands allowed in each step."""

# The chart is built by the metaclass of python-statemachine, whose states and transitions lack types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportOperatorIssue=false

from typing import get_args

import msgspec
from statemachine import State, StateChart
from statemachine.orderedset import OrderedSet

from domain import commands
from domain.kernel.elements import Kind
from domain.model import ThreatModel, every_threat_has_a_response
from domain.rejections import NotInThisPhase, NotStarted, UnmetConditions

PHASES = ("collection", "analysis", "remediation", "closed", "archived")
"""The phases in order; each step belongs to one of them."""


class MoveFindings(msgspec.Struct, frozen=True, kw_only=True):
    """Findings about a phase move: the unmet conditions without a reason, as id and text.

    `needs_two` if the move leaves critical threats open and therefore needs a second person.
    """

    unexplained: tuple[tuple[str, str], ...] = ()
    needs_two: bool = False


NO_FINDINGS = MoveFindings()
"""No findings: nothing prevents the move."""


class _Subject:
    """The input of the chart: the model, the findings about the move, and the state to restore."""

    def __init__(self, model: ThreatModel, found: MoveFindings, configuration: tuple[str, ...]) -> None:
        self.threat_model = model
        self.found = found
        self.state = OrderedSet(configuration)


class ThreatModelLifecycle(StateChart[_Subject]):
    """The state chart of a threat model; each transition is named after a command."""

    # Errors must propagate, and an event without a transition is an error.
    catch_errors_as_events = False
    allow_event_without_transition = False
    atomic_configuration_update = True

    unstarted = State("Not started", initial=True)
    collection = State("Collection")

    class analysis(State.Compound, name="Analysis"):  # noqa: N801 (a state, named like its value)
        identifying = State("identify", initial=True)
        voting = State("vote")
        open_round = identifying.to(voting) | voting.to(None)
        close_round = voting.to(identifying) | identifying.to(None)

    class remediation(State.Compound, name="Remediation"):  # noqa: N801 (a state, named like its value)
        responding = State("respond", initial=True)
        tracking = State("track")
        respond = responding.to(tracking, cond="all_answered")
        answer = tracking.to(responding, unless="all_answered")

    closed = State("Closed")
    archived = State("Archived")

    start = unstarted.to(collection)
    # Rounds continue during other work; a round opened in remediation does not change the step.
    open_round = remediation.to(None)
    close_round = collection.to(None) | remediation.to(None)
    respond = remediation.to(None)
    answer = collection.to(None) | analysis.to(None) | remediation.to(None)
    # Mitigations continue in every step, also after closing: their owners finish them.
    track = collection.to(None) | analysis.to(None) | remediation.to(None) | closed.to(None)
    look_back = closed.to(None)
    steer = (
        collection.to(None) | analysis.to(None) | remediation.to(None) | closed.to(None) | archived.to(None)
    )

    begin_analysis = collection.to(analysis, validators="conditions_to_analysis")
    begin_remediation = analysis.to(remediation, validators="conditions_to_remediation")
    return_to_collection = analysis.to(collection) | remediation.to(collection)
    return_to_analysis = remediation.to(analysis)
    # With open critical threats, one person only proposes closing, and the step stays the same.
    close = (
        collection.to(closed, unless="needs_two", validators="conditions_to_closing")
        | analysis.to(closed, unless="needs_two", validators="conditions_to_closing")
        | remediation.to(closed, unless="needs_two", validators="conditions_to_closing")
        | collection.to(None, cond="needs_two", validators="conditions_to_closing")
        | analysis.to(None, cond="needs_two", validators="conditions_to_closing")
        | remediation.to(None, cond="needs_two", validators="conditions_to_closing")
    )
    confirm_closing = collection.to(closed) | analysis.to(closed) | remediation.to(closed)
    archive = collection.to(archived) | analysis.to(archived) | remediation.to(archived) | closed.to(archived)
    reopen = (
        closed.to(collection, cond="left_in_collection")
        | closed.to(analysis, cond="left_in_analysis")
        | closed.to(remediation, cond="left_in_remediation")
        | archived.to(collection, cond="left_in_collection")
        | archived.to(analysis, cond="left_in_analysis")
        | archived.to(remediation, cond="left_in_remediation")
    )

    def conditions_to_analysis(self) -> None:
        """Validate that the registers suffice for analysis, or that a reason is given."""
        self._check_conditions("analysis")

    def conditions_to_remediation(self) -> None:
        """Validate that there are threats and all are scored, or that reasons are given."""
        self._check_conditions("remediation")

    def conditions_to_closing(self) -> None:
        """Validate that all conditions are met, or that a reason is given for each open one."""
        self._check_conditions("closing")

    def needs_two(self) -> bool:
        """Return whether critical threats would stay open, so that a second person must agree."""
        return self.model.found.needs_two

    def _check_conditions(self, towards: str) -> None:
        unexplained = self.model.found.unexplained
        if unexplained:
            raise UnmetConditions(towards, unexplained)

    def all_answered(self) -> bool:
        """Return whether every threat has a response."""
        return every_threat_has_a_response(self.model.threat_model)

    def left_in_collection(self) -> bool:
        """Return whether the model was closed or archived during collection."""
        return phase_of(self.model.threat_model.step_left) == "collection"

    def left_in_analysis(self) -> bool:
        """Return whether the model was closed or archived during analysis."""
        return phase_of(self.model.threat_model.step_left) == "analysis"

    def left_in_remediation(self) -> bool:
        """Return whether the model was closed or archived during remediation."""
        return phase_of(self.model.threat_model.step_left) == "remediation"


NEEDED_FOR_ANALYSIS = (
    (Kind.ASSET, "an asset"),
    (Kind.ENTRY_POINT, "an entry point"),
    (Kind.TRUST_LEVEL, "a trust level"),
    (Kind.DATA_FLOW, "a data flow"),
)


def missing_for_analysis(model: ThreatModel) -> tuple[str, ...]:
    """Return what the registers lack for analysis, in words."""
    return tuple(word for kind, word in NEEDED_FOR_ANALYSIS if not model.of_kind(kind))


def missing_for_remediation(model: ThreatModel) -> tuple[str, ...]:
    """Return what is missing before remediation, in words."""
    return () if len(model.threats) else ("a threat",)


TRANSITION_OF: dict[type[commands.Command], str] = {
    **dict.fromkeys(get_args(commands.SteeringCommand), "steer"),
    **dict.fromkeys(
        (
            *get_args(commands.AddCommand),
            *get_args(commands.ReviseCommand),
            *get_args(commands.BulkEntryCommand),
            *get_args(commands.CollectionCommand),
            *get_args(commands.VotingCommand),
            *get_args(commands.AnalysisCommand),
        ),
        "answer",
    ),
    commands.OpenRound: "open_round",
    commands.CloseRound: "close_round",
    commands.ExtendRound: "close_round",
    commands.SettleRound: "close_round",
    commands.TakeMedians: "close_round",
    **dict.fromkeys(get_args(commands.ResponseCommand), "respond"),
    **dict.fromkeys(
        (
            *get_args(commands.MitigationCommand),
            *get_args(commands.IssueCommand),
            commands.ReassignAll,
            commands.SnoozeReminder,
        ),
        "track",
    ),
    commands.ChooseTracker: "steer",
    commands.AnswerRetrospective: "look_back",
    commands.AcceptDraft: "answer",
    commands.Undo: "answer",
    commands.StartThreatModel: "start",
    commands.ReviseScope: "answer",
    commands.BeginAnalysis: "begin_analysis",
    commands.BeginRemediation: "begin_remediation",
    commands.ReturnToCollection: "return_to_collection",
    commands.ReturnToAnalysis: "return_to_analysis",
    commands.CloseThreatModel: "close",
    commands.ConfirmClosing: "confirm_closing",
    commands.DeclineClosing: "answer",
    commands.WithdrawClosing: "answer",
    commands.ArchiveThreatModel: "archive",
    commands.ReopenThreatModel: "reopen",
}
"""The transition that each command triggers."""


def step_after(
    model: ThreatModel,
    move: commands.PhaseMoveCommand | commands.ConfirmClosing,
    found: MoveFindings = NO_FINDINGS,
) -> str:
    """Return the step that a phase move leads to; raises Rejected if the chart or a guard refuses it."""
    check_allowed(model, type(move))
    # The chart costs more than a durable commit, so only phase moves run it, on a temporary instance.
    chart = ThreatModelLifecycle(model=_Subject(model, found, _CONFIGURATION[model.step]))
    chart.send(TRANSITION_OF[type(move)])
    return next(str(state) for state in chart.configuration_values if state in LEAVES)


def check_allowed(model: ThreatModel, command: type[commands.Command]) -> None:
    """Raise Rejected, saying what is missing, if the current step does not allow the command."""
    if model.step in ALLOWED[command]:
        return
    if not model.step:
        raise NotStarted
    raise NotInThisPhase(_why_not(model, command))


def phase_of(step: str) -> str:
    """Return the phase of a step."""
    return _PHASE_OF.get(step, "")


def diagram() -> str:
    """Return the chart as Mermaid text."""
    return f"{ThreatModelLifecycle:mermaid}".strip()


def _why_not(model: ThreatModel, command: type[commands.Command]) -> str:
    phase = phase_of(model.step)
    if phase in ("closed", "archived"):
        return f"{model.key} is {phase}. Reopen it first; all of its content is kept."
    possible = sorted({phase_of(step) for step in ALLOWED[command]}, key=PHASES.index)
    where = " or ".join(possible)
    return f"{model.key} is in the {phase} phase. This action is available only in the {where} phase."


def _compiled() -> tuple[
    dict[str, tuple[str, ...]], dict[str, str], dict[type[commands.Command], frozenset[str]]
]:
    """Extract from the chart, once: each leaf's configuration and phase, and the steps allowing a command."""
    states: dict[str, State] = dict(ThreatModelLifecycle.states_map)
    leaves = {name: state for name, state in states.items() if not state.states}
    lineage = {name: tuple(_line(state)) for name, state in leaves.items()}
    allowing: dict[str, set[str]] = {}
    for leaf, line in lineage.items():
        for name in line:
            for transition in states[name].transitions:
                for event in transition.events:
                    allowing.setdefault(str(event), set()).add("" if leaf == "unstarted" else leaf)
    allowed = {command: frozenset(allowing[name]) for command, name in TRANSITION_OF.items()}
    return lineage, {leaf: line[0] for leaf, line in lineage.items()}, allowed


def _line(state: State) -> list[str]:
    parent = state.parent
    return [*(_line(parent) if isinstance(parent, State) else []), str(state.value)]


_CONFIGURATION, _PHASE_OF, ALLOWED = _compiled()
LEAVES = frozenset(_CONFIGURATION)
