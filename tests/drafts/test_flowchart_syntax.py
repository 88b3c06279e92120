"""Flowcharts are read in the forms in which Mermaid lets people write them."""

from bot.drafts.mermaid_reader import FlowChart, mermaid_blocks, parse_flowcharts

EDGES = {
    "A --> B": "A>B",
    "A---B": "A>B",
    "A-->B-->C": "A>B B>C",
    "A -->|text| B & C": "A>B:text A>C:text",
    "A & B --> C": "A>C B>C",
    "A -- text --> B": "A>B:text",
    "A--text with spaces-->B": "A>B:text with spaces",
    'A -- "a - b" --> B': "A>B:a - b",
    "A-. text .->B": "A>B:text",
    "A-.->B": "A>B",
    "A ==> B": "A>B",
    "A == text ==> B": "A>B:text",
    "A --o B": "A>B",
    "A x--x B": "A>B",
    "A <--> B": "A>B",
    "A <-.-> B": "A>B",
    "A <-- both --> B": "A>B:both",
    "A ~~~ B": "",
    "A:::one --> B:::two": "A>B",
    "A e1@--> B": "A>B",
    "A---|text|B": "A>B:text",
    "A ---->|long| B": "A>B:long",
    'A -->|"a | b"| B': "A>B:a | b",
    "A-->B;B-->C;": "A>B B>C",
    "my-node --> a1.b2": "my-node>a1.b2",
    "数据 --> 库": "数据>库",
    "A[Web] -- HTTPS (443) --> B": "A>B:HTTPS (443)",
    "A --> B %% no comment, but not an edge": "A>B",
    "style A fill:#fff": "",
    "linkStyle 0 stroke:red": "",
    "A -->": "",
    "--> B": "",
}
NODES = {
    'A["web (nginx)"]': ("web (nginx)", "plain"),
    'A[("Post gres")]': ("Post gres", "store"),
    'A["`**Mark** down`"]': ("Mark down", "plain"),
    'A@{ shape: cyl, label: "x y" }': ("x y", "store"),
    "A@{ shape: diam }": ("", "decision"),
    "A[/x/]": ("x", "plain"),
    "A{{x}}": ("x", "plain"),
    "A{x}": ("x", "decision"),
    "A(((x)))": ("x", "plain"),
    "A>x]": ("x", "plain"),
    'A("x<br/>y")': ("x y", "plain"),
    "A[a #quot;b#quot;]": ('a "b"', "plain"),
    "A[<b>fa:fa-car x</b>]": ("x", "plain"),
    "A[unfinished": ("", "plain"),
}


def chart_of(line: str) -> FlowChart:
    return parse_flowcharts(mermaid_blocks(f"flowchart LR\n{line}\n", markdown=False))


def shown(chart: FlowChart) -> str:
    return " ".join(f"{one.source}>{one.target}{f':{one.label}' if one.label else ''}" for one in chart.edges)


def test_edges_are_read_in_all_their_forms() -> None:
    assert {line: shown(chart_of(line)) for line in EDGES} == EDGES


def test_nodes_are_read_with_label_and_shape() -> None:
    found = {line: chart_of(line).nodes["A"] for line in NODES}
    assert {line: (one.label, one.shape) for line, one in found.items()} == NODES


def test_nodes_belong_to_the_subgraph_in_which_they_are_written_first() -> None:
    text = "subgraph one [Title]\nA --> B\nsubgraph Plain title\nC\nend\nend\nA --> D"
    chart = chart_of(text)
    assert {one.id: one.subgraph for one in chart.nodes.values()} == {
        "A": "one",
        "B": "one",
        "C": "Plain title",
        "D": "",
    }
    assert [(one.title, one.parent, one.line) for one in chart.subgraphs.values()] == [
        ("Title", "", 2),
        ("Plain title", "one", 4),
    ]


def test_a_page_may_have_several_flowcharts_with_their_lines() -> None:
    first, second = "---\ntitle: x\n---\ngraph TD\nA --> B", "graph LR; B --> C"
    page = f"# A\n\n```mermaid\n{first}\n```\n\ntext\n\n~~~mermaid\n{second}\n~~~\n"
    chart = parse_flowcharts(mermaid_blocks(page, markdown=True))
    assert [(one.source, one.target, one.line) for one in chart.edges] == [("A", "B", 8), ("B", "C", 14)]
