"""Threat Composer accepts our files, and what we wrote is read back as a draft of the same threats."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.drafts import SourceFile, read_draft
from bot.drafts.draft_builder import clean_name, clean_text
from bot.formats import FORMATS
from domain.kernel.length_limits import NAME
from tests.domain.remediation_story import TH2, THREATS, implement, plan, start
from tests.examples import decide_all
from tests.formats.export_sources import KINDS, export_source_named, export_source_of

Plain = dict[str, Any]


def text(limit: int, **more: object) -> Plain:
    return {"type": "string", "maxLength": limit, **more}


def closed(required: str, **properties: Plain) -> Plain:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def metadata(*known: Plain) -> Plain:
    """Pairs of a known key and its value; keys of others begin with `custom:`."""
    own = closed(
        "key value",
        key={"type": "string", "maxLength": 50, "pattern": "^custom:"},
        value={"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    )
    return {"type": "array", "items": {"anyOf": [*known, own]}}


def pair(key: str, value: Plain) -> Plain:
    return closed("key value", key={"const": key}, value=value)


IDENTIFIER = text(36, minLength=36)
NUMBERED: Plain = {"id": IDENTIFIER, "numericId": {"type": "number"}, "displayOrder": {"type": "number"}}
COMMENTS = pair("Comments", text(1_000))
PAGE = closed("", description=text(100_000), image={"type": "string"})
WORKSPACE = closed(
    "schema",
    schema={"type": "number", "maximum": 1},
    applicationInfo=closed("", name=text(200), description=text(100_000)),
    architecture=PAGE,
    dataflow=PAGE,
    assumptions={
        "type": "array",
        "items": closed("id numericId content", **NUMBERED, content=text(1_000), metadata=metadata(COMMENTS)),
    },
    mitigations={
        "type": "array",
        "items": closed(
            "id numericId content",
            **NUMBERED,
            content=text(1_000),
            metadata=metadata(COMMENTS),
            status={
                "enum": [
                    *("mitigationIdentified", "mitigationInProgress", "mitigationResolved"),
                    "mitigationResolvedWillNotAction",
                ]
            },
        ),
    },
    assumptionLinks={"type": "array"},
    mitigationLinks={
        "type": "array",
        "items": closed("mitigationId linkedId", mitigationId=IDENTIFIER, linkedId=IDENTIFIER),
    },
    threats={
        "type": "array",
        "items": closed(
            "id numericId",
            **NUMBERED,
            statement=text(1_400),
            status={"enum": ["threatIdentified", "threatResolved", "threatResolvedNotUseful"]},
            metadata=metadata(
                COMMENTS,
                pair("STRIDE", {"type": "array", "items": {"enum": [*"STRIDE"]}}),
                pair("Priority", {"enum": ["High", "Medium", "Low"]}),
            ),
        ),
    },
)
"""The limits of Threat Composer 1, after its published description of the format."""


def written(which: str | int) -> bytes:
    return FORMATS["threat-composer"].write(export_source_named(which))


@pytest.mark.parametrize("which", KINDS)
def test_a_workspace_is_within_the_limits_of_the_format(which: str | int) -> None:
    checker: Any = Draft202012Validator(WORKSPACE)
    assert [error.message[:200] for error in checker.iter_errors(json.loads(written(which)))] == []


@pytest.mark.parametrize("which", KINDS)
def test_read_back_it_proposes_the_same_threats_and_assumptions(which: str | int) -> None:
    known = export_source_named(which).register
    draft = read_draft([SourceFile(name="a.tc.json", content=written(which))])
    assert [(threat.title, threat.stride, threat.description) for threat in draft.threats] == [
        (clean_name(one.title, NAME), one.stride, clean_text(one.description)) for one in known.threats
    ]
    assert [assumption.text for assumption in draft.assumptions] == [
        clean_text(assumption.text, 1_000) for assumption in known.assumptions
    ]


def test_links_lead_to_parts_of_the_file_which_keep_their_identifiers() -> None:
    past = decide_all(plan(), plan(TH2), start(), implement(), after=THREATS)
    source = export_source_of(tuple(past))
    content = FORMATS["threat-composer"].write(source)
    found = json.loads(content)
    assert found["mitigationLinks"]
    for one in found["mitigationLinks"]:
        assert one["mitigationId"] in {it["id"] for it in found["mitigations"]}
        assert one["linkedId"] in {it["id"] for it in found["threats"]}
    ids = [it["id"] for part in ("threats", "mitigations", "assumptions") for it in found[part]]
    assert len({*ids}) == len(ids)
    assert FORMATS["threat-composer"].write(source) == content
    checker: Any = Draft202012Validator(WORKSPACE)
    assert list(checker.iter_errors(found)) == []


def test_a_threat_has_its_statement_priority_and_status() -> None:
    found = json.loads(written("house"))["threats"]
    garage = next(one for one in found if {"key": "custom:cwe", "value": ["CWE-653"]} in one["metadata"])
    assert garage["statement"].startswith("An attacker can move from the less trusted")
    assert {one["status"] for one in found} <= {"threatIdentified", "threatResolved"}
    priorities = {it["value"] for one in found for it in one["metadata"] if it["key"] == "Priority"}
    assert priorities <= {"High", "Medium", "Low"}
    assert priorities
