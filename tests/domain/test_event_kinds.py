"""Every kind of event and of element has its row, and what an event is about has a code of its own."""

from collections import Counter
from typing import get_args

from domain.commands import AddCommand, NameElements, ReviseCommand
from domain.element_kinds import ADD_COMMANDS, NAMES_IN, REVISE_COMMANDS
from domain.event_kinds import EVENT_KINDS, Lasting
from domain.events import EVENT_TYPES
from domain.kernel.elements import Kind
from domain.kernel.event_subjects import Side, Subject, coarse, subject_text


def test_every_kind_of_event_has_a_row_and_only_one() -> None:
    assert list(EVENT_KINDS) == [*dict.fromkeys(EVENT_KINDS)]
    assert set(EVENT_KINDS) == set(EVENT_TYPES)


def test_an_auditor_reads_what_decides_and_not_what_adds_to_what_is_known() -> None:
    decisions = {kind.__name__ for kind, row in EVENT_KINDS.items() if row.decides}
    assert decisions == {
        *(
            "ThreatModelStarted",
            "ThreatModelImported",
            "FacilitatorChanged",
            "SharingAllowed",
            "SharingForbidden",
        ),
        *("PhaseMoved", "ThreatModelClosed", "ThreatModelReopened", "ThreatModelArchived"),
        *("ClosingProposed", "ClosingDeclined", "ClosingWithdrawn"),
        *("ThreatWithdrawn", "ThreatsMerged", "RoundClosed"),
        *("CandidateConfirmed", "CandidateDismissed", "CandidateReopened", "PlacesAdded", "PlacesRemoved"),
        *("ScreeningAnswered", "ScreeningWithdrawn", "ScreeningConfirmed"),
        *("DraftSettled", "DraftReopened"),
        *("ResponseChosen", "ResponseCleared", "AcceptanceProposed", "AcceptanceWithdrawn"),
        *("AcceptanceApproved", "AcceptanceDeclined"),
        *("MitigationVerified", "VerificationRefused", "MitigationDropped"),
        *("MitigationUnlinked", "PolicyChosen", "WorkspaceSettingsApplied"),
        *("TrackerChosen", "IssueProposalDismissed"),
    }


def test_what_is_never_undone_are_events() -> None:
    assert set(get_args(Lasting)) <= set(EVENT_KINDS)


def test_every_kind_of_element_has_a_row_with_commands_of_its_own() -> None:
    assert set(ADD_COMMANDS) == set(REVISE_COMMANDS) == set(Kind)
    assert set(ADD_COMMANDS.values()) == set(get_args(AddCommand))
    assert set(REVISE_COMMANDS.values()) == set(get_args(ReviseCommand))
    assert set(NAMES_IN.values()) == set(NameElements.__struct_fields__) - {"by", "at", "choices"}


def test_a_refusal_names_no_two_subjects_alike() -> None:
    named = Counter(subject_text(one) for one in {coarse(Subject(side, "X-1")) for side in Side})
    assert {name for name, count in named.items() if count > 1} == set()
