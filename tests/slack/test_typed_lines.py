"""Data flows and names typed as lines."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.slack.ui.forms.typed_lines import parse_flows, typed_names
from domain.commands import FlowByNames, FlowEnd


def flow(source: str, target: str, *assets: str, via: str = "") -> FlowByNames:
    return FlowByNames(source=source, target=target, assets=assets, entry_point=via)


def two_way(source: str, target: str, there: tuple[str, ...] = (), back: tuple[str, ...] = ()) -> FlowByNames:
    return FlowByNames(source=source, target=target, assets=there, two_way=True, assets_back=back)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Resident -> House", [flow("Resident", "House")]),
        ("Resident -> House: key", [flow("Resident", "House", "key")]),
        ("Resident -> House: key, purse", [flow("Resident", "House", "key", "purse")]),
        ("Resident -> House: key via Front door", [flow("Resident", "House", "key", via="Front door")]),
        ("Resident -> House via Front door", [flow("Resident", "House", via="Front door")]),
        ("Resident -> House via Front door: key", [flow("Resident", "House", "key", via="Front door")]),
        ("Resident -> House: VIA Front door", [flow("Resident", "House", via="Front door")]),
        ("Resident --> House", [flow("Resident", "House")]),
        ("Resident → House", [flow("Resident", "House")]),
        ("Resident => House", [flow("Resident", "House")]),
        ("Resident->House:key", [flow("Resident", "House", "key")]),
        ("- Resident -> House", [flow("Resident", "House")]),
        ("1. Resident -> House", [flow("Resident", "House")]),
        ("2) Resident -> House", [flow("Resident", "House")]),
        ("• Resident -> House", [flow("Resident", "House")]),
        ("Resident -> House: key,, ,purse,", [flow("Resident", "House", "key", "purse")]),
        ("Web app -> DB: user-id, e-mail", [flow("Web app", "DB", "user-id", "e-mail")]),
        ("Trivial -> Viaduct: violin", [flow("Trivial", "Viaduct", "violin")]),
        (
            "Resident <-> House: key",
            [two_way("Resident", "House", ("key",), ("key",))],
        ),
        ("Resident ↔ House", [two_way("Resident", "House")]),
        ("API <-> Store: query | rows, total", [two_way("API", "Store", ("query",), ("rows", "total"))]),
        ("API <-> Store: query |", [two_way("API", "Store", ("query",))]),
        ("API <-> Store: | rows", [two_way("API", "Store", (), ("rows",))]),
        (
            "App <-> API: query via Door | rows, total",
            [replace(two_way("App", "API", ("query",), ("rows", "total")), entry_point="Door")],
        ),
        (
            "App <-> API: query via Door (HTTPS) | rows",
            [replace(two_way("App", "API", ("query",), ("rows",)), entry_point="Door", protocol="HTTPS")],
        ),
        (
            "App <-> API via Door: query | rows",
            [replace(two_way("App", "API", ("query",), ("rows",)), entry_point="Door")],
        ),
    ],
)
def test_a_line_is_read_as_a_flow(line: str, read: list[FlowByNames]) -> None:
    assert parse_flows(line) == (read, [])


def test_a_line_carries_technologies_boundaries_and_the_protocol() -> None:
    (read,), unread = parse_flows("API [Python, in VPC] -> Orders db [PostgreSQL]: orders (TLS)")
    assert unread == []
    assert read == FlowByNames(
        source="API",
        target="Orders db",
        assets=("orders",),
        protocol="TLS",
        source_end=FlowEnd(technology="python", boundary="VPC"),
        target_end=FlowEnd(technology="postgresql"),
    )


def test_a_technology_is_typed_with_its_version_its_framework_or_what_it_holds() -> None:
    typed = {
        "PostgreSQL 15": "postgresql",
        "Java 21 LTS": "java",
        "Java, Spring Boot": "java",
        "Spring Boot 3.x": "java",
        "Amazon S3 bucket": "amazon_s3",
        "Mirth Connect": "mirth_connect",
        "SFTP": "file_transfer",
    }
    read = {one: parse_flows(f"A [{one}] -> B") for one in typed}
    assert {one: (flows and flows[0].source_end.technology) for one, (flows, _) in read.items()} == typed


@pytest.mark.parametrize(
    "typed",
    ["TigerBeetle", "Temporal", "CloudHSM", "person", "TensorFlow", "Postgress", "database subnet"],
)
def test_a_technology_that_the_catalog_lacks_is_kept_as_it_was_typed(typed: str) -> None:
    (read,), unread = parse_flows(f"A [{typed}, in VPC] -> B: orders (TLS)")
    assert unread == []
    assert read.source_end == FlowEnd(technology=typed, boundary="VPC")


@pytest.mark.parametrize(
    ("line", "protocol", "target", "assets"),
    [
        ("A -> B: keys (PKCS#11)", "PKCS#11", "B", ("keys",)),
        ("A -> B: orders (plaintext)", "plaintext", "B", ("orders",)),
        ("A -> B: orders (SQL) via Door", "SQL", "B", ("orders",)),
        ("A -> B: orders, keys (SQL, pooled)", "SQL, pooled", "B", ("orders", "keys")),
        ("A -> B: (HTTPS over Tor)", "HTTPS over Tor", "B", ()),
        ("A -> B: (HTTPS over the relay)", "HTTPS over the relay", "B", ()),
        ("A -> B: orders (HTTPS over the relay), keys", "HTTPS over the relay", "B", ("orders", "keys")),
        ("A -> B: orders via Door (TLS, port 8443)", "TLS, port 8443", "B", ("orders",)),
        ("A -> B: orders (SQL), keys (sql)", "sql", "B", ("orders", "keys")),
        ("A -> B: orders (SQL), keys", "SQL", "B", ("keys", "orders")),
        ("A -> B: orders (EU), keys (SQL), logs", "SQL", "B", ("orders (EU)", "logs", "keys")),
        ("A <-> B: orders | rows (SQL)", "SQL", "B", ("orders", "rows")),
        ("A <-> B: orders (SQL) | rows", "SQL", "B", ("orders", "rows")),
        ("A -> B (SQL)\nB -> C", "SQL", "B", ()),
        ("A -> B (SQL) [PostgreSQL]\nC -> B", "SQL", "B", ()),
        ("A -> B (EU)", "", "B (EU)", ()),
    ],
)
def test_a_protocol_that_the_catalog_lacks_is_no_part_of_a_name(
    line: str, protocol: str, target: str, assets: tuple[str, ...]
) -> None:
    (read, *_), unread = parse_flows(line)
    assert unread == []
    assert (read.protocol, read.target, (*read.assets, *read.assets_back)) == (protocol, target, assets)


@pytest.mark.parametrize(
    ("line", "protocol", "assets"),
    [
        ("A -> B (https)", "HTTPS", ()),
        ("A -> B: prescription data (PHI)", "", ("prescription data (PHI)",)),
        ("A -> B: prescription data (PHI) (mTLS)", "mTLS", ("prescription data (PHI)",)),
        ("A -> B: id (TLS 1.3), name", "TLS", ("id", "name")),
        ("A -> B: id (REST over TLS)", "REST over TLS", ("id",)),
        ("A -> B: id via Door (HTTPS)", "HTTPS", ("id",)),
        ("A -> B: id via Door (north)", "", ("id",)),
        ("A -> B: lab orders (HL7 v2 over MLLP)", "HL7 v2 over MLLP", ("lab orders",)),
        ("A -> B: visits via VPN login (OpenVPN)", "OpenVPN", ("visits",)),
        ("A -> B: tax (VAT)", "", ("tax (VAT)",)),
    ],
)
def test_a_protocol_in_parentheses_is_found_at_the_end_of_a_part(
    line: str, protocol: str, assets: tuple[str, ...]
) -> None:
    (read,), unread = parse_flows(line)
    assert unread == []
    assert (read.protocol, read.assets) == (protocol, assets)


def test_a_target_with_a_protocol_in_its_name_keeps_it_if_it_is_a_source_elsewhere() -> None:
    flows, unread = parse_flows("Orders API (REST) -> Store\nWeb -> Orders API (REST): order (HTTPS)")
    assert unread == []
    assert [(one.source, one.target, one.protocol) for one in flows] == [
        ("Orders API (REST)", "Store", ""),
        ("Web", "Orders API (REST)", "HTTPS"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"A [{'x' * 76}] -> B", "the technology has 76 characters. Shorten it to 75 or fewer."),
        (f"A -> B: id ({'x' * 76})", "the protocol has 76 characters. Shorten it to 75 or fewer."),
        ("A -> B: \u200b", "a name has no visible characters."),
        ("A-b -> a b", "the flow starts and ends at “A-b”"),
        ("A [Python, Java] -> B", "“[Python, Java]” has 2 technologies. Enter one."),
        ("A [in VPC, in LAN] -> B", "“[in VPC, in LAN]” has 2 boundaries. Enter one."),
        ("A [Python -> B", "a bracket is not closed"),
        ("A -> B (HTTPS): x (TLS)", "the line has 2 protocols: HTTPS, TLS. Enter one."),
        ("A -> B: x | y", "“|” separates the two directions"),
        ("A -> B: x via Door | y", "“|” separates the two directions"),
        ("A <-> B: x | y via Door | z", "the line has 2 “|”. Enter one, before the data returned."),
        (
            "A -> B [in VPC]\nC -> B [in LAN]",
            "“C -> B [in LAN]”: the boundary of “B” is “VPC” in a line",
        ),
        ("A -> B [Go]\nb [Java] -> C", "the technology of “b” is “Go” in a line above."),
    ],
)
def test_what_a_line_says_beyond_the_names_is_refused_line_by_line(text: str, said: str) -> None:
    _, unread = parse_flows(text)
    assert len(unread) == 1
    assert said in unread[0].message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("House ->", "“House ->”: the flow from “House” has no target."),
        ("-> House", "“-> House”: the flow to “House” has no source."),
        ("->", "“->”: the arrow has neither source nor target."),
        ("House", "“House”: the line has no arrow. Use: Source -> Target"),
        ("Portal > Log: events", "the arrow is incomplete. Use: Portal -> Log: events"),
        ("A -> B -> C", "“A -> B -> C”: the line has 2 arrows. Enter one flow per line"),
        ("House <- Resident", "the arrow points left. Use: Resident -> House"),
        (
            "Console [React] <-- Store: photos (HTTPS) via Admin API",
            "the arrow points left. Use: Store -> Console [React]: photos (HTTPS) via Admin API",
        ),
        ("House <- Resident via Door", "the arrow points left. Use: Resident -> House via Door"),
        ("A -> B via", "no entry point follows “via”."),
        ("House -> house: key", "the flow starts and ends at “House”"),
        (f"{'x' * 151} -> House", "has 151 characters. Shorten it to 150 or fewer."),
        (f"House -> A: {'x' * 151}", "has 151 characters. Shorten it to 150 or fewer."),
        (f"House -> A via {'x' * 151}", "has 151 characters. Shorten it to 150 or fewer."),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_what_was_understood(line: str, said: str) -> None:
    flows, unread = parse_flows(line)
    assert flows == []
    assert len(unread) == 1
    assert said in unread[0].message


def test_lines_that_cannot_be_read_are_kept_as_they_were_typed() -> None:
    flows, unread = parse_flows("Resident -> House\n\nHouse ->\r\n  \nGarage\nGuest -> House")
    assert [one.source for one in flows] == ["Resident", "Guest"]
    assert [one.text for one in unread] == ["House ->", "Garage"]


def test_more_lines_than_are_saved_at_a_time_are_left() -> None:
    flows, unread = parse_flows("\n".join(f"A -> B{number}" for number in range(202)))
    assert len(flows) == 200
    assert [one.message for one in unread] == [
        f"“A -> B{number}”: 200 lines are saved at a time. Save again for the others."
        for number in (200, 201)
    ]


def test_a_long_line_is_told_shortened() -> None:
    _, (left,) = parse_flows("no arrow here " * 100)
    assert len(left.message) < 200
    assert "…" in left.message


@given(st.text(max_size=300))
@example("<-" * 150)
@example("via " * 75)
@example("a->" * 100)
def test_any_text_is_either_read_or_told_line_by_line(text: str) -> None:
    flows, unread = parse_flows(text)
    for one in flows:
        assert one.source
        assert one.target
        assert one.source != one.target
        assert all(one.assets)
    written = [line for line in text.replace("\r\n", "\n").split("\n") if typed_names(line)]
    assert len(unread) <= len(written) <= len(unread) + len(flows)


word = st.text("abcdefgh XYZ äß東.'()", min_size=1, max_size=20).map(str.strip).filter(bool)


@given(
    st.lists(st.tuples(word, word, st.lists(word, max_size=3), word | st.just("")), min_size=1, max_size=5)
)
def test_a_flow_written_as_the_form_says_is_read_back(drawn: list[tuple[str, str, list[str], str]]) -> None:
    wanted = [flow(f"s{source}", f"t{target}", *assets, via=door) for source, target, assets, door in drawn]
    # A protocol in parentheses may stand after each of the assets.
    assume(not any(asset.endswith(")") for one in wanted for asset in one.assets))
    text = "\n".join(
        f"{one.source} -> {one.target}"
        + (f": {', '.join(one.assets)}" if one.assets else "")
        + (f" via {one.entry_point}" if one.entry_point else "")
        for one in wanted
    )
    assert parse_flows(text) == (wanted, [])


def test_names_stand_one_per_line_without_bullets() -> None:
    assert typed_names("Power\n\n- Water \n* Gas\n3. Alarm monitoring\n 24/7 desk") == (
        "Power",
        "Water",
        "Gas",
        "Alarm monitoring",
        "24/7 desk",
    )
