"""Event handler of an import: what a file ascribes to people becomes the importer's own, unapproved word.

Nothing that asks for a second person needs to know of imports: after this event, the model holds no approval,
verification or confirmation that was not given here. The votes of a file are told apart by their rounds.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from rpds import HashTrieMap

from domain.events import RecordedEvent, ThreatModelImported
from domain.kernel.elements import PersonId
from domain.kernel.import_mark import SCREENING, Claim, ImportMark
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationState
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.threat import Response, ResponseKind, ThreatId
from domain.kernel.voting_round import Round, RoundEnd, RoundEndCause
from domain.model.phase_steps import with_step
from domain.model.threat_model import ThreatModel, counter, review_key


def imported(model: ThreatModel, event: ThreatModelImported, version: int) -> ThreatModel:
    """Return a model whose statements are the importer's; a sealed history stays as it is."""
    steered = replace(model, version=version, facilitator=event.facilitator)
    return steered if event.sealed else _unverified(steered, event, version)


def last_import(events: Sequence[RecordedEvent]) -> tuple[ThreatModelImported | None, int]:
    """Return the last import of statements that were not verified, and its version; 0 if there is none."""
    for version in range(len(events), 0, -1):
        event = events[version - 1]
        if isinstance(event, ThreatModelImported) and not event.sealed:
            return event, version
    return None, 0


def as_imported(model: ThreatModel, event: ThreatModelImported | None, version: int) -> ThreatModel:
    """Return a model of before its import in a version with what that means for it; another one as it is."""
    if event is None or not 0 < model.version < version:
        return model
    return _unverified(replace(model, facilitator=event.facilitator), event, version)


def pending_claims(model: ThreatModel) -> tuple[Claim, ...]:
    """Return the claims of a file that are still undecided here."""
    claims = model.imported.claims if model.imported else ()
    return tuple(claim for claim in claims if _is_pending(model, claim))


def _is_pending(model: ThreatModel, claim: Claim) -> bool:
    if claim.subject != SCREENING:
        return waits_since_import(model, claim.subject)
    importer = model.imported.importer if model.imported else None
    return any(value.by == importer and value.confirmed_by is None for value in values_of(model.screening))


def waits_since_import(model: ThreatModel, subject: str) -> bool:
    """Return whether an acceptance or a mitigation waits for a second person because of the import alone."""
    if model.imported is None or model.since.get(review_key(ThreatId(subject))) != model.imported.at:
        return False
    if (mitigation := model.mitigations.get(MitigationId(subject))) is not None:
        return mitigation.state is MitigationState.IMPLEMENTED
    return ThreatId(subject) in model.proposals


def _unverified(model: ThreatModel, event: ThreatModelImported, version: int) -> ThreatModel:
    importer = event.facilitator
    mark = ImportMark(
        importer=importer,
        at=event.at,
        version=version,
        rounds=frozenset(id for id, _ in items_of(model.rounds)),
        claims=tuple(dict.fromkeys(claim for claim in _claims(model) if claim.person != importer)),
    )
    proposals = {acceptance.threat: _proposed(acceptance, event) for acceptance in _acceptances(model)}
    mitigations = {id: _implemented(one, importer) for id, one in items_of(model.mitigations)}
    waiting = [
        *proposals,
        *(id for id, one in mitigations.items() if one.state is MitigationState.IMPLEMENTED),
    ]
    accepted = [id for id, one in items_of(model.responses) if one.kind is ResponseKind.ACCEPT]
    responses, ratings, since = model.responses, model.accepted, model.since
    for id in accepted:
        responses, ratings = responses.discard(id), ratings.discard(id)
    for subject in waiting:
        since = since.insert(review_key(subject), event.at)
    rounds = {id: one if one.ending else _ended(one, event) for id, one in items_of(model.rounds)}
    was_closed = model.step == "closed"
    passed = (replace(one, by=importer) for one in model.passed if one.step != "closed")
    unverified = replace(
        model,
        imported=mark,
        responses=responses,
        accepted=ratings,
        proposals=HashTrieMap(proposals),
        mitigations=HashTrieMap(mitigations),
        since=since,
        screening=HashTrieMap({id: _screened(one, importer) for id, one in items_of(model.screening)}),
        rounds=HashTrieMap(rounds),
        # A ballot without its round would be found in the first one here that gets the same ID.
        ballots=HashTrieMap({place: one for place, one in items_of(model.ballots) if place[0] in rounds}),
        explanations=HashTrieMap(
            {place: one for place, one in items_of(model.explanations) if place[0] in rounds}
        ),
        numbers=model.numbers.insert("RD", max((counter(id)[1] for id in rounds), default=0)),
        passed=tuple(passed),
        closing=None,
        **(
            {"step_left": "", "closing_reason": "", "closed_at": None, "review_on": None}
            if was_closed
            else {}
        ),
    )
    return with_step(unverified, model.step_left if was_closed else model.step)


def _claims(model: ThreatModel) -> Iterator[Claim]:
    for id, response in sorted(items_of(model.responses)):
        if response.kind is ResponseKind.ACCEPT and response.approver is not None:
            yield Claim(person=response.approver, subject=id)
    for id, mitigation in sorted(items_of(model.mitigations)):
        for verification in mitigation.verifications:
            yield Claim(person=verification.by, subject=id)
    for _, screened in sorted(items_of(model.screening)):
        if screened.confirmed_by is not None:
            yield Claim(person=screened.confirmed_by, subject=SCREENING)


def _acceptances(model: ThreatModel) -> Iterator[Response]:
    """Yield the accepted risks of a file, and then the proposed ones, which are newer."""
    yield from (value for value in values_of(model.responses) if value.kind is ResponseKind.ACCEPT)
    yield from values_of(model.proposals)


def _proposed(acceptance: Response, event: ThreatModelImported) -> Response:
    return replace(acceptance, by=event.facilitator, at=event.at, asked=None, approver=None, approved_at=None)


def _implemented(mitigation: Mitigation, importer: PersonId) -> Mitigation:
    """Return a mitigation without verifications; who imports that it is implemented may not verify it."""
    verified = mitigation.state is MitigationState.VERIFIED
    state = MitigationState.IMPLEMENTED if verified else mitigation.state
    is_claimed = state is MitigationState.IMPLEMENTED or bool(mitigation.implemented_for)
    owned_by = (*mitigation.owned_by, importer) if is_claimed else mitigation.owned_by
    return replace(
        mitigation,
        state=state,
        verified_by=None,
        verifications=(),
        owned_by=tuple(dict.fromkeys(owned_by)),
    )


def _screened(answer: ScreeningAnswer, importer: PersonId) -> ScreeningAnswer:
    return replace(answer, by=importer, confirmed_by=None)


def _ended(round: Round, event: ThreatModelImported) -> Round:
    """Return a round that was open in the file as ended without a result: no one here votes in it."""
    return replace(round, ending=RoundEnd(at=event.at, cause=RoundEndCause.NO_VOTERS, threats=()))
