"""What files describe now is compared with what was known, or with a model: new and worse is drift."""

import json
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from bot.drafts.draft_drift import (
    RULES_OF_DRIFT,
    DriftReport,
    KnownDraft,
    decode_known,
    drift_from_model,
    drift_junit,
    drift_lines,
    drift_of,
    drift_sarif,
    encode_known,
    known_of,
    states_of,
)
from bot.formats.importers.untrusted_document import UnreadableFile
from domain.commands import ReviseComponent
from domain.draft_comparison.choices import DraftChoices
from domain.drafts.draft import Draft, SourceKey
from domain.kernel.elements import Kind
from domain.model import ThreatModel
from domain.replay import replay
from tests.domain.drafted_shop import accept, component, seen_all
from tests.drafts.fixture_drafts import FIXTURES, NAMES, draft_of, fixture_draft
from tests.examples import ANA, at, decide_all, started
from tests.formats.format_schemas import schema_errors

SHOP = (FIXTURES / "shop.compose.yaml").read_text()
CLUSTER = (FIXTURES / "shop.kubernetes.yaml").read_text()
API = (FIXTURES / "orders.openapi.yaml").read_text()
NOTHING = KnownDraft(format="threatmodel-known", version=1, items={})
KNOWN = {text: known_of(draft_of(text)) for text in (SHOP, CLUSTER, API)}


class Change(NamedTuple):
    """A change of a file, and the drift that it is."""

    text: str
    old: str
    new: str
    drift: list[str]
    gone: int = 0


CACHE = "    image: redis:7-alpine\n"
CHANGES = {
    "a port": Change(
        SHOP,
        CACHE,
        f'{CACHE}    ports: ["6379:6379"]\n',
        ["113 new-entry-point New entry point “cache port 6379”"],
    ),
    "a loopback port for everyone": Change(
        SHOP,
        '"127.0.0.1:15672:15672"',
        '"15672:15672"',
        ["120 wider-exposure “broker port 15672” can be reached from other machines (before: the same host)"],
    ),
    "a privilege": Change(
        SHOP,
        CACHE,
        f"{CACHE}    privileged: true\n",
        [
            "113 worse-answer “cache”: it runs with more privileges than it needs",
            "113 worse-answer “cache”: it is not isolated from other workloads on its host",
        ],
    ),
    "a service": Change(
        SHOP,
        "  mail:\n",
        "  jobs: {image: acme/jobs, pid: host}\n\n  mail:\n",
        [
            "138 new-component New component “jobs”",
            "138 worse-answer “jobs”: it is not isolated from other workloads on its host",
            "138 worse-answer “jobs”: it runs with more privileges than it needs",
        ],
    ),
    "a dependency": Change(
        SHOP,
        '      SMTP_PORT: "25"\n',
        "      MAPS_API_URL: http://maps.acme.net/\n",
        [
            "89 new-external-dependency New external dependency “maps.acme.net”",
            "89 new-data-flow New data flow “worker → maps.acme.net”",
            "89 worse-answer “worker → maps.acme.net”: it is not encrypted in transit",
        ],
    ),
    "a secret in the file": Change(
        SHOP,
        "      POSTGRES_PASSWORD: ${DB_PASSWORD}\n",
        "      POSTGRES_PASSWORD: other-marked-secret\n",
        [
            "103 new-asset New asset “POSTGRES_PASSWORD”",
            "103 worse-answer “POSTGRES_PASSWORD”: it is kept in code, images or configuration files",
        ],
    ),
    "a service that is gone": Change(
        SHOP, "  mail:\n    <<: *restart\n    image: boky/postfix\n    networks: [data]\n\n", "", [], gone=2
    ),
    "a line before everything": Change(SHOP, "name: shop\n", "# One more line\n\nname: shop\n", []),
    "another tag": Change(SHOP, "redis:7-alpine", "redis:7.4-alpine", []),
    "an ingress without TLS": Change(
        CLUSTER,
        "  tls:\n    - hosts: [shop.acme.dev]\n      secretName: shop-tls\n",
        "",
        [
            "87 weaker-protocol “shop.acme.dev to web” uses HTTP (before: HTTPS)",
            "87 weaker-protocol “shop.acme.dev to orders” uses HTTP (before: HTTPS)",
        ],
        gone=1,
    ),
    "a load balancer": Change(
        CLUSTER,
        "  selector: {app: orders}\n",
        "  type: LoadBalancer\n  selector: {app: orders}\n",
        ["83 new-entry-point New entry point “orders port 8080”, reachable from the internet"],
    ),
    "a control that is lost": Change(
        CLUSTER,
        "            capabilities: {drop: [ALL]}\n",
        "",
        ["15 lost-control “web”: no longer stated that it runs with least privilege"],
    ),
    "an operation without authentication": Change(
        API,
        "    get: {tags: [Orders], responses",
        "    get: {tags: [Orders], security: [], responses",
        ["16 lost-control “Orders”: no longer stated that the caller is authenticated"],
    ),
    "an upload": Change(
        API,
        '          application/json: {schema: {$ref: "#/components/schemas/Order"}}\n',
        "          application/json: {}\n          image/png: {}\n",
        ["20 worse-answer “Orders”: it accepts file uploads"],
    ),
}


def drift(change: Change) -> DriftReport:
    assert change.text.count(change.old) == 1, change.old
    return drift_of(draft_of(change.text.replace(change.old, change.new)), KNOWN[change.text])


def test_new_and_worse_things_are_drift_at_their_lines() -> None:
    found = {name: drift(one) for name, one in CHANGES.items()}
    told = {
        name: [f"{one.place.line} {one.rule} {one.text}" for one in report.drifts]
        for name, report in found.items()
    }
    assert told == {name: one.drift for name, one in CHANGES.items()}
    assert {name: len(one.gone) for name, one in found.items() if one.gone} == {
        name: one.gone for name, one in CHANGES.items() if one.gone
    }


def test_an_unchanged_file_has_no_drift() -> None:
    for name in NAMES:
        draft = fixture_draft(name)
        report = drift_of(draft, decode_known(encode_known(known_of(draft))))
        assert (report.drifts, report.gone) == ((), ()), name


def test_everything_is_drift_where_nothing_is_known() -> None:
    report = drift_of(fixture_draft("shop.compose.yaml"), NOTHING)
    assert {one.rule for one in report.drifts} == {
        *("new-component", "new-entry-point", "new-data-flow", "new-external-dependency", "new-asset"),
        "worse-answer",
    }
    assert report.compared > 40


def test_what_is_known_is_sorted_and_has_no_places() -> None:
    content = encode_known(KNOWN[SHOP])
    assert content == encode_known(decode_known(content))
    keys = list(json.loads(content)["items"])
    assert keys == sorted(keys)
    assert b"compose.yaml" not in content
    assert b"marked" not in content


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"format": "threatmodel-known", "version": 2}', b"\xff", b"[" * 9_000]
)
def test_another_file_is_not_taken_for_what_is_known(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="Write it again: threatmodel draft FILE --known"):
        decode_known(content)


def test_reports_for_other_tools_have_every_drift() -> None:
    report = drift(CHANGES["a service"])
    sarif = drift_sarif(report)
    assert schema_errors("sarif/sarif-schema-2.1.0.json", sarif) == []
    (run,) = json.loads(sarif)["runs"]
    assert [one["ruleId"] for one in run["results"]] == [
        *("drift/new-component", "drift/worse-answer", "drift/worse-answer"),
    ]
    where = run["results"][0]["locations"][0]["physicalLocation"]
    assert where == {
        "artifactLocation": {"uri": "compose.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 138},
    }
    prints = [one["partialFingerprints"]["primaryLocationLineHash"] for one in run["results"]]
    assert len({*prints}) == 3
    assert all(
        run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"]
    )
    suite = ET.fromstring(drift_junit(report))[0]
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("4", "3")
    assert [case.attrib["line"] for case in suite if len(case)] == ["138"] * 3
    assert drift_lines(report.drifts)[0] == "compose.yaml:138: New component “jobs”"


def test_reports_without_drift_are_valid() -> None:
    assert schema_errors("sarif/sarif-schema-2.1.0.json", drift_sarif(DriftReport())) == []
    assert ET.fromstring(drift_junit(DriftReport(compared=3)))[0].attrib["failures"] == "0"


def test_names_from_files_are_text_in_reports() -> None:
    text = "services: {'[a](http://b)]]><x>\\x1b': {image: b, ports: ['80:80']}}".replace("\\x1b", "{0}")
    report = drift_of(draft_of(text, "a b&<.yaml"), NOTHING)
    message = json.loads(drift_sarif(report))["runs"][0]["results"][0]
    assert "](http" not in message["message"]["text"].replace("\\](", "")
    assert "{{0}}" in message["message"]["text"]
    assert message["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%26%3C.yaml"
    assert "<x>" in ET.fromstring(drift_junit(report))[0][1].attrib["name"]


def test_every_type_of_drift_has_a_title() -> None:
    used = {one.rule for change in CHANGES.values() for one in drift(change).drifts}
    assert used <= {*RULES_OF_DRIFT}
    assert len({*RULES_OF_DRIFT.values()}) == len(RULES_OF_DRIFT)


TEXT = (FIXTURES / "minimal.compose.yaml").read_text()
DRAFT = draft_of(TEXT)


def accepted(draft: Draft, *left: str) -> ThreatModel:
    """A model into which all of a draft was accepted, except some items."""
    items = {item.key: True for item in draft.items} | {SourceKey(key): False for key in left}
    choices: DraftChoices = seen_all(draft, items=items)
    return replay(decide_all(accept(draft, choices), after=[started()]))


def told(report: DriftReport) -> list[str]:
    return [f"{one.place.line} {one.rule} {one.text}" for one in report.drifts]


def test_an_accepted_draft_has_no_drift() -> None:
    report = drift_from_model(DRAFT, accepted(DRAFT))
    assert (told(report), report.gone) == ([], ())
    assert set(states_of(DRAFT, accepted(DRAFT)).values()) == {"known"}


def test_a_model_without_anything_knows_nothing() -> None:
    report = drift_from_model(DRAFT, replay([started()]))
    assert [one.rule for one in report.drifts] == [
        *("new-component", "new-component", "new-external-dependency", "new-entry-point", "new-data-flow"),
        *("new-asset", "worse-answer"),
    ]


def test_new_and_worse_things_are_drift() -> None:
    model = accepted(DRAFT)
    port = draft_of(TEXT.replace('["3000:3000"]', '["3000:3000", "5005:5005"]'))
    assert told(drift_from_model(port, model)) == ["4 new-entry-point New entry point “app port 5005”"]
    privileged = draft_of(TEXT.replace("    build: .\n", "    build: .\n    privileged: true\n"))
    assert told(drift_from_model(privileged, model)) == [
        "4 worse-answer “app”: it runs with more privileges than it needs",
        "4 worse-answer “app”: it is not isolated from other workloads on its host",
    ]


def test_a_loopback_port_that_everyone_can_reach_is_drift() -> None:
    local = draft_of(TEXT.replace('"3000:3000"', '"127.0.0.1:3000:3000"'))
    assert told(drift_from_model(DRAFT, accepted(local))) == [
        "4 wider-exposure “app port 3000” can be reached from other machines (before: the same host)"
    ]
    assert told(drift_from_model(local, accepted(local))) == []


def test_what_people_left_is_known() -> None:
    assert told(drift_from_model(DRAFT, accepted(DRAFT, "dependency:container-images"))) == []


def test_a_renamed_element_is_known() -> None:
    model = accepted(DRAFT)
    (app,) = [one for one in model.of_kind(Kind.COMPONENT) if one.name == "app"]
    renaming = ReviseComponent(by=ANA, at=at(20), element=app.id, name="Storefront")
    past = decide_all(accept(DRAFT, seen_all(DRAFT)), renaming, after=[started()])
    assert told(drift_from_model(DRAFT, replay(past))) == []


def test_an_element_that_people_named_alike_is_known() -> None:
    model = replay(decide_all(component("App"), after=[started()]))
    assert states_of(DRAFT, model)[SourceKey("compose:app")] == "similar name"
    assert "new-component New component “app”" not in " ".join(told(drift_from_model(DRAFT, model)))
    assert "new-component New component “store”" in " ".join(told(drift_from_model(DRAFT, model)))


def test_what_is_gone_is_listed() -> None:
    without = draft_of(TEXT.replace('    ports: ["3000:3000"]\n', ""))
    report = drift_from_model(without, accepted(DRAFT))
    assert told(report) == []
    assert report.gone == ("“app port 3000” (compose:app:3000)",)
