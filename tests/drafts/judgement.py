"""What a person would keep of five files, and the true answers: written before the readers ever saw them."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from bot.drafts import SourceFile, read_draft
from domain.drafts.draft import Certainty, Draft, DraftItem
from domain.kernel.elements import Kind

UNSEEN = Path(__file__).parent / "unseen"


class Judgement(NamedTuple):
    """The names of elements to keep by kind, and the true answers, `element: fact yes, fact no`."""

    keep: dict[Kind, str]
    answers: str


C, F, E, X, A, B = (
    Kind.COMPONENT,
    Kind.DATA_FLOW,
    Kind.ENTRY_POINT,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.ASSET,
    Kind.TRUST_BOUNDARY,
)
JUDGED = {
    "clinic.compose.yaml": Judgement(
        keep={
            C: "edge, portal, jobs, records, queue, identity, imaging, backup, metrics, host-metrics",
            E: "edge port 80, edge port 443, records port 5432, imaging port 4242, imaging port 8042",
            F: "portal → records, portal → queue, portal → identity, portal → api.twilio.com, "
            "jobs → records, jobs → queue, jobs → api.twilio.com, identity → records, "
            "backup → records, edge → portal, "
            "edge → identity",
            X: "api.twilio.com, Container images",
            A: "PORTAL_DB_PASSWORD, DJANGO_SECRET_KEY, KC_DB_PASSWORD, KEYCLOAK_ADMIN_PASSWORD, "
            "records_password",
            B: "data network",
        },
        answers="""
            host-metrics: isolated no, least_privilege no
            Container images: ships_code yes, version_pinned no, code_integrity_verified no
            portal → identity: encrypted no
            jobs → identity: encrypted no
            portal → api.twilio.com: encrypted yes
            jobs → api.twilio.com: encrypted yes
            DJANGO_SECRET_KEY: out_of_code no
            KEYCLOAK_ADMIN_PASSWORD: out_of_code no
        """,
    ),
    "fleet.kubernetes.yaml": Judgement(
        keep={
            C: "broker, ingestor, telemetry, fleet-api, sessions, firmware-rollout",
            E: "broker port 8883, fleet.acme.dev to fleet-api",
            F: "ingestor → broker, ingestor → telemetry, fleet-api → telemetry, fleet-api → sessions, "
            "fleet-api → api.mapbox.com, fleet-api → broker, firmware-rollout → fleet-api",
            X: "api.mapbox.com, Container images",
            A: "broker-tls, telemetry-ingest, telemetry-admin, fleet-tls, fleet-api",
            B: "edge namespace, core namespace",
        },
        answers="""
            broker port 8883: public yes, peers_restricted no
            fleet.acme.dev to fleet-api: peers_restricted yes
            ingestor: least_privilege yes
            ingestor → broker: encrypted yes
            ingestor → telemetry: encrypted yes
            fleet-api: role_restricted no, least_privilege no, out_of_code no
            fleet-api → api.mapbox.com: encrypted yes
            firmware-rollout → fleet-api: encrypted no
            Container images: ships_code yes, version_pinned no, code_integrity_verified no
        """,
    ),
    "booking.openapi.yaml": Judgement(
        keep={
            C: "Booking",
            E: "Booking, Rooms, Bookings, Guests, Accounts, Channel managers, Reports",
            A: "Session cookies of callers, API keys of callers",
        },
        answers="""
            Rooms: caller_authenticated no, anonymous_by_design yes, takes_input yes, names_objects yes
            Rooms: changes_something no
            Bookings: caller_authenticated yes, cookie_session yes, keeps_session yes, takes_input yes
            Bookings: names_objects yes, changes_something yes
            Guests: caller_authenticated yes, cookie_session yes, keeps_session yes, takes_input yes
            Guests: names_objects yes, takes_files yes, changes_something yes
            Accounts: logs_in yes, takes_input yes, changes_something yes, cookie_session yes
            Accounts: keeps_session yes
            Channel managers: caller_authenticated yes, takes_input yes, takes_xml yes, changes_something yes
            Channel managers: names_objects yes
            Reports: caller_authenticated yes, cookie_session yes, keeps_session yes, takes_input yes
            Reports: changes_something no
        """,
    ),
    "media.plan.json": Judgement(
        keep={
            C: "site (cloudfront distribution), media-site, media-uploads, media-api, upload, transcode, "
            "transcode-jobs, media, media-users, media-cache, encoder",
            E: "site (cloudfront distribution), media-api, encoder port 8554",
            F: "site (cloudfront distribution) → media-site, media-api → upload, upload → media-uploads, "
            "upload → media, transcode → media-uploads, transcode-jobs → transcode",
            A: "/media/license",
        },
        answers="""
            media-uploads: encrypted_at_rest yes, not_public yes
            transcode: role_restricted no, least_privilege no
            transcode-jobs: encrypted_at_rest no
            media-cache: encrypted_at_rest yes
            encoder port 8554: peers_restricted no
            /media/license: vaulted yes
        """,
    ),
    "warehouse.mermaid.md": Judgement(
        keep={
            C: "Shift operator, Operator console, Fleet controller, Robot, Robot state, API gateway, "
            "Order service, Orders DB, Kafka, ERP system",
            F: "Shift operator → Operator console, Operator console → Fleet controller, "
            "Fleet controller → Robot, Fleet controller → Robot state, API gateway → Order service, "
            "Order service → Orders DB, Order service → Kafka, Fleet controller → API gateway, "
            "Kafka → Fleet controller, ERP system → Order service",
            B: "Warehouse site, Cloud",
        },
        answers="",
    ),
}


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """How well a file was read: of what is ticked, of what should be there, of the answers."""

    file: str
    ticked: int
    kept: int
    wanted: int
    answers: int
    wrong_answers: tuple[str, ...]
    not_kept: tuple[str, ...]
    missing: tuple[str, ...]


def judge(file: str) -> Judged:
    """Hold the draft of a file against its judgement."""
    judgement = JUDGED[file]
    draft = read_unseen(file)
    wanted = {(kind, name.strip()) for kind, names in judgement.keep.items() for name in names.split(",")}
    ticked = [item for item in draft.items if item.certainty is not Certainty.GUESS]
    found = {(one.kind, one.name) for one in ticked}
    answers = list(_answers(ticked))
    true = {*_true_answers(judgement.answers)}
    return Judged(
        file=file,
        ticked=len(ticked),
        kept=sum((one.kind, one.name) in wanted for one in ticked),
        wanted=len(wanted),
        answers=len(answers),
        wrong_answers=tuple(one for one in answers if one not in true and not one.endswith(": software yes")),
        not_kept=tuple(f"{one.kind}: {one.name}" for one in ticked if (one.kind, one.name) not in wanted),
        missing=(
            *sorted(f"{kind}: {name}" for kind, name in wanted - found),
            *sorted(true.difference(answers)),
        ),
    )


def read_unseen(file: str) -> Draft:
    """The draft of one of the files."""
    content = (UNSEEN / file).read_bytes()
    return read_draft([SourceFile(name=file, content=content)], terminal=True)


def _answers(items: list[DraftItem]) -> list[str]:
    return [
        f"{item.name}: {answer.fact} {answer.answer}"
        for item in items
        for answer in item.answers
        if answer.certainty is not Certainty.GUESS
    ]


def _true_answers(text: str) -> list[str]:
    found: list[str] = []
    for line in text.strip().splitlines():
        name, _, facts = line.strip().rpartition(": ")
        found += [f"{name}: {one.strip()}" for one in facts.split(",")]
    return found
