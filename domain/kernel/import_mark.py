"""Mark of an imported model: who answers for what it said before, and who is named in it."""

from datetime import datetime

import msgspec

from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId

SCREENING = "screening"
"""The subject of a claim that a person confirmed what is screened out."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The statement of a file, not verified, that a person approved or confirmed something."""

    person: PersonId
    subject: ThreatId | MitigationId | str


class ImportMark(msgspec.Struct, frozen=True, kw_only=True):
    """An import: no statement up to the `version` is verified, and the importer answers for all of them.

    `rounds` are those whose votes came with the file, `claims` the approvals, verifications and confirmations
    that it ascribes to people.
    """

    importer: PersonId
    at: datetime
    version: int
    rounds: frozenset[RoundId] = frozenset()
    claims: tuple[Claim, ...] = ()
