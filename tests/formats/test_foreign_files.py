"""Data and terms of other tools are imported, or listed as lost."""

from collections import Counter
from typing import Any

import pytest

from bot.formats.importers import imported_model
from bot.formats.importers.imported_model import categories_in, cwe_numbers, stride_categories
from bot.formats.importers.untrusted_document import ImportNotes, UnreadableFile
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.component_vocabulary import STORE_PRODUCTS, is_store_name, kind_of_type
from domain.kernel.elements import ComponentKind
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import Stride
from domain.model import ThreatModel
from tests.for_each import for_each
from tests.formats.test_imports import of, otm
from tests.formats.test_round_trips import read_back


def v1(**more: Any) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "type": "tm.Process",
        "id": "a",
        "attrs": {"text": {"text": "Shop"}},
        "threats": [],
    }
    diagram: dict[str, Any] = {"title": "Main", "id": 0, "diagramJson": {"cells": [cell]}}
    return {"summary": {"title": "Old"}, "detail": {"diagrams": [diagram]}, **more}


class TestThreatDragon1:
    @pytest.mark.parametrize("more", [{}, {"version": "1.6.1"}, {"version": "2.0.0"}])
    def test_its_files_are_refused_with_what_to_do(self, more: dict[str, Any]) -> None:
        with pytest.raises(UnreadableFile, match="Open it in Threat Dragon 2, save it"):
            read_back(of(v1(**more)))

    @pytest.mark.parametrize("more", [{}, {"version": "1.0"}])
    @pytest.mark.parametrize("diagrams", [[], [{"title": "Main", "thumbnail": "x.jpg", "id": 0}]])
    def test_so_is_one_in_which_nothing_was_drawn(
        self, more: dict[str, Any], diagrams: list[dict[str, Any]]
    ) -> None:
        with pytest.raises(UnreadableFile, match="Threat Dragon 1"):
            read_back(of(v1(detail={"diagrams": diagrams}, **more)))

    def test_a_file_of_a_later_version_is_read(self) -> None:
        document: dict[str, Any] = {
            "version": "10.0.0",
            "summary": {"title": "New"},
            "detail": {"diagrams": []},
        }
        assert read_back(of(document)).model.name == "New"


def threatened(*, states: tuple[str, str] = ("exposed", "exposed"), **of_mitigation: Any) -> dict[str, Any]:
    """Two threats, each at a component, and one mitigation that is at both of them."""
    document = otm(
        threats=[
            {"id": f"t{n}", "name": f"Threat {n}", "categories": ["Tampering"], "risk": {}} for n in (1, 2)
        ],
        mitigations=[{"id": "m", "name": "Sign it", "riskReduction": 0, **of_mitigation}],
    )
    for component, threat, state, done in zip(
        document["components"], ("t1", "t2"), states, ("implemented", "required"), strict=True
    ):
        component["threats"] = [
            {"threat": threat, "state": state, "mitigations": [{"mitigation": "m", "state": done}]}
        ]
    return document


def planned(model: ThreatModel) -> dict[str, MitigationState]:
    return {model.threats[one.threat].title: one.state for one in model.mitigations.values()}


class TestOpenThreatModel:
    def test_a_mitigation_at_two_threats_is_a_mitigation_of_both_each_with_its_state(self) -> None:
        told = read_back(of(threatened()))
        assert planned(told.model) == {
            "Threat 1": MitigationState.IMPLEMENTED,
            "Threat 2": MitigationState.PLANNED,
        }
        assert {mitigation.title for mitigation in told.model.mitigations.values()} == {"Sign it"}
        note = "a mitigation with different states at its threats: one is created for each state"
        assert note in told.notes

    def test_a_mitigation_with_one_state_at_two_threats_serves_both(self) -> None:
        document = threatened()
        for component in document["components"]:
            component["threats"][0]["mitigations"][0]["state"] = "required"
        (mitigation,) = read_back(of(document)).model.mitigations.values()
        assert len(mitigation.threats) == 2

    def test_a_mitigation_that_is_not_in_place_everywhere_is_not_in_place(self) -> None:
        document = threatened()
        document["components"][1]["threats"][0]["threat"] = "t1"
        told = read_back(of(document))
        assert planned(told.model) == {"Threat 1": MitigationState.PLANNED}
        assert "a mitigation with several states: imported with the least advanced one" in told.notes

    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("IN_PROGRESS", MitigationState.STARTED),
            ("Tested", MitigationState.IMPLEMENTED),
            ("not-applicable", MitigationState.DROPPED),
            ("RECOMMENDED", MitigationState.PLANNED),
        ],
    )
    def test_how_far_a_mitigation_has_come_is_understood(self, word: str, state: MitigationState) -> None:
        document = threatened()
        for one in document["components"]:
            one["threats"][0]["mitigations"][0]["state"] = word
        told = read_back(of(document))
        assert set(planned(told.model).values()) == {state}
        assert not [note for note in told.notes if word in note]

    def test_an_unknown_state_of_a_mitigation_is_listed(self) -> None:
        document = threatened()
        document["components"][0]["threats"][0]["mitigations"][0]["state"] = "purple"
        told = read_back(of(document))
        assert planned(told.model)["Threat 1"] is MitigationState.PLANNED
        assert "the state “purple” of a mitigation: imported as planned" in told.notes

    def test_what_was_decided_about_a_threat_is_listed_and_open_ones_are_not(self) -> None:
        notes = read_back(of(threatened(states=("accepted", "exposed")))).notes
        assert "the state “accepted” of a threat: choose a response for it" in notes
        assert not [note for note in notes if "exposed" in note]

    def test_the_risk_reduction_of_a_mitigation_is_listed(self) -> None:
        assert "“riskReduction” of a mitigation" in read_back(of(threatened(riskReduction=50))).notes

    def test_the_type_of_a_trust_zone_is_listed(self) -> None:
        zone = {"id": "z", "name": "Inside", "type": "private", "risk": {"trustRating": 80}}
        assert "“type” of a trust zone" in read_back(of(otm(trustZones=[zone]))).notes

    def test_a_threat_without_a_category_gets_that_of_its_weakness(self) -> None:
        threat: dict[str, Any] = {"id": "t", "name": "Injection", "cwes": ["CWE-89", "CWE-99999"], "risk": {}}
        told = read_back(of(otm(threats=[threat])))
        (one,) = told.model.threats.values()
        assert one.stride == (Stride.TAMPERING,)
        assert "“Injection” has no STRIDE category: imported as tampering (CWE-89)" in told.notes
        assert "“cwes” of a threat" in told.notes
        assert not [note for note in told.notes if "review it" in note]


def tm_bom(**more: Any) -> dict[str, Any]:
    zone = {"symbolic_name": "z", "title": "Inside", "description": ""}
    store = {"symbolic_name": "s", "title": "Orders", "description": "", "type": "sql", "trust_zone": "z"}
    part = {"symbolic_name": "c", "title": "Shop", "description": "", "trust_zone": "z"}
    ends = {
        "source": {"type": "component", "object": "c"},
        "destination": {"type": "data_store", "object": "s"},
    }
    flow = {"symbolic_name": "f", "title": "Order", "description": "", **ends}
    return {
        "version": "1",
        "scope": {"title": "Shop", "description": ""},
        "trust_zones": [zone],
        "components": [part],
        "data_stores": [store],
        "data_flows": [{**flow, "has_sensitive_data": False, "encrypted": more.pop("encrypted", False)}],
        **more,
    }


def data_set(name: str, *, encrypted: bool | None) -> dict[str, Any]:
    said = {} if encrypted is None else {"encrypted": encrypted}
    return {
        "symbolic_name": name,
        "title": name,
        "description": "",
        "placements": [{"data_store": "s", **said}],
        "data_sensitivity": [],
    }


def answers(model: ThreatModel, fact: str) -> list[Answer]:
    return [answer for (_, name), answer in model.facts.items() if name == fact]


class TestTmBom:
    @pytest.mark.parametrize(("stated", "answer"), [(False, Answer.NO), (True, Answer.YES)])
    def test_whether_a_flow_is_encrypted_is_the_stated_answer(self, stated: bool, answer: Answer) -> None:
        told = read_back(of(tm_bom(encrypted=stated)))
        assert answers(told.model, "encrypted") == [answer]

    @pytest.mark.parametrize(
        ("stated", "wanted"),
        [
            ([False], [Answer.NO]),
            ([True], [Answer.YES]),
            ([None], []),
            ([None, True], [Answer.YES]),
            ([True, False], [Answer.NO]),
        ],
    )
    def test_so_is_whether_a_store_keeps_data_encrypted(
        self, stated: list[bool | None], wanted: list[Answer]
    ) -> None:
        sets = [data_set(f"d{number}", encrypted=one) for number, one in enumerate(stated)]
        told = read_back(of(tm_bom(data_sets=sets)))
        assert answers(told.model, "encrypted_at_rest") == wanted
        differ = "a store with both encrypted and unencrypted data: imported as not encrypted"
        assert (differ in told.notes) == ({True, False} <= set(stated))

    def test_the_validity_of_an_assumption_is_listed(self) -> None:
        said = [{"description": f"It is {word}", "validity": word} for word in ("confirmed", "unconfirmed")]
        told = read_back(of(tm_bom(assumptions=said)))
        assert len(told.model.assumptions) == 2
        assert "the validity “confirmed” of an assumption" in told.notes
        assert not [note for note in told.notes if "“unconfirmed”" in note]

    def test_a_threat_gets_the_category_of_its_weakness(self) -> None:
        threat = {
            "symbolic_name": "t",
            "title": "Denied orders",
            "description": "",
            "threat_persona": "p",
            "event": "",
            "sources": [],
            "weaknesses": [{"cwe_id": 778}],
        }
        told = read_back(of(tm_bom(threats=[threat])))
        assert [one.stride for one in told.model.threats.values()] == [(Stride.REPUDIATION,)]
        assert "“weaknesses” of a threat" in told.notes


STORE, EXTERNAL = ComponentKind.DATA_STORE, ComponentKind.EXTERNAL_ENTITY
PRODUCTS = [word for words in STORE_PRODUCTS.values() for word in words]


@for_each("word", PRODUCTS)
def test_every_product_of_the_table_is_a_store_in_types_and_in_names(word: str) -> None:
    for spelled in (word, word.upper(), f"aws-{word.replace(' ', '-')}", f"CD-V2-{word.replace(' ', '_')}-A"):
        assert kind_of_type(spelled) is STORE, spelled
        assert is_store_name(spelled), spelled
    assert is_store_name(f"Orders ({word.title()})")


def test_each_product_stands_in_the_table_once() -> None:
    assert [word for word, count in Counter(PRODUCTS).items() if count > 1] == []


TYPES: dict[ComponentKind | None, tuple[str, ...]] = {
    STORE: (
        *("rds", "s3", "dynamodb", "redshift", "cosmos", "blob", "bigquery", "aws_s3_bucket", "nosql"),
        *("aws_db_instance", "google_bigquery_dataset", "azurerm_storage_account", "azure-storage"),
        *("CD-MICROSOFT-AZURE-DB-POSTGRESQL", "AzureCosmosDbAccount", "TimescaleDB", "mysql database"),
        *("message-queue", "ElastiCache"),
    ),
    EXTERNAL: (
        *("web-client", "android-device-client", "database-client", "S3 browser", "external-user-portal"),
    ),
    None: ("web-service", "profile-service", "lambda", ""),
}


def test_the_kind_of_a_component_is_told_from_the_word_for_its_type() -> None:
    told = {
        kind: tuple(word for word in words if kind_of_type(word) is kind) for kind, words in TYPES.items()
    }
    assert told == TYPES


@pytest.mark.parametrize(
    "name", ["Shop", "Login", "Rds3 gateway?", "Blobby", "Restore", "Vaulting horse", "Microservices"]
)
def test_a_name_that_only_begins_like_a_product_is_no_store(name: str) -> None:
    assert not is_store_name(name)


@pytest.mark.parametrize("category", Stride)
def test_a_category_is_understood_in_every_case_and_with_every_gap(category: Stride) -> None:
    words = category.label
    spelled = [
        *(words, words.upper(), words.title(), words.replace(" ", "_"), words.replace(" ", "-")),
        *(category.value, category.value.lower(), category.name, f"STRIDE: {words}", f"{words}."),
    ]
    assert [categories_in(one) for one in spelled] == [[category]] * len(spelled)


SPELLINGS = {
    "E": (
        *("Elevation of Privileges", "Elevation of privilege", "Escalation of Privileges", "EoP"),
        *("Privilege escalation", "PRIVILEGE_ELEVATION", "Authorization"),
    ),
    "S": ("Spoofing identity", "Authenticity"),
    "T": ("Tampering with data", "Integrity"),
    "R": ("Repudiation",),
    "I": (
        *("Info disclosure", "Disclosure of information", "InformationDisclosure", "Information leakage"),
        "Confidentiality",
    ),
    "D": ("DoS", "DDoS", "Denial-of-Service", "Availability"),
    "TS": ("Tampering / Spoofing",),
    "ST": ("S, T",),
    "": ("Non-repudiation", "Linkability", ""),
}


def test_other_spellings_of_a_category_are_understood() -> None:
    for wanted, words in SPELLINGS.items():
        for word in words:
            assert "".join(category.value for category in categories_in(word)) == wanted, word


def test_a_stated_category_takes_precedence_over_a_weakness() -> None:
    assert stride_categories(["DoS"], [89], ImportNotes(), "x") == (Stride.DENIAL_OF_SERVICE,)


@for_each("number", sorted({number for rule in BUILT_IN.rules for number in rule.cwe}))
def test_a_weakness_of_the_catalogue_leads_to_a_category_of_its_rules(number: int) -> None:
    (found,) = stride_categories([], [number], ImportNotes(), "x")
    assert found in {rule.category for rule in BUILT_IN.rules if number in rule.cwe}


def test_a_weakness_stands_in_one_category_only() -> None:
    counted = Counter(
        number
        for numbers in imported_model._OTHER_WEAKNESSES.values()  # pyright: ignore[reportPrivateUsage]  (the table; nothing reads all of it)
        for number in numbers
    )
    assert [number for number, count in counted.items() if count > 1] == []


def test_a_missing_category_is_guessed_and_reported() -> None:
    notes = ImportNotes()
    assert stride_categories(["Linkability"], [99999], notes, "Odd one") == (Stride.TAMPERING,)
    assert notes.all() == (
        "the category “Linkability” of a threat: not a STRIDE category",
        "“Odd one” has no STRIDE category: imported as tampering; review it",
    )


def test_weaknesses_are_numbers_in_whatever_spelling() -> None:
    assert cwe_numbers(["CWE-79", "cwe 89", "352", "none", ""]) == [79, 89, 352]
