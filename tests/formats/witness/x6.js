// Draws a diagram of Threat Dragon with its drawing library, and tells what is to be seen of each cell.
(diagram) => {
  const { Graph, Shape } = window.X6;
  const node = (name, base, more) => Graph.registerNode(name, base.define({ constructorName: name, ...more }), true);
  const line = (selector) => ({ tagName: "path", selector });
  node("actor", Shape.Rect, {});
  node("process", Shape.Circle, {});
  node("store", Shape.Rect, {
    markup: [...Shape.Rect.getMarkup(), line("topLine"), line("bottomLine")],
    attrs: { body: { opacity: 0 }, topLine: { refD: "M 0 0 l 9 0" }, bottomLine: { refDy: 0, refD: "M 0 0 l 9 0" } },
  });
  node("trust-boundary-box", Shape.Rect, {
    attrs: { label: { textAnchor: "start", textVerticalAnchor: "top", refX: "15%", refY: 12 } },
  });
  Graph.registerEdge("flow", Shape.Edge.define({ constructorName: "flow" }), true);
  const graph = new Graph({ container: document.getElementById("graph"), interacting: false, async: false });
  graph.fromJSON(diagram);

  const box = ({ x, y, width, height }) => ({ x, y, width, height });
  const letters = (cell) => {
    const text = graph.findViewByCell(cell).container.querySelector("text");
    return { text: text ? text.textContent : "", room: text ? box(graph.clientToLocal(text.getBoundingClientRect())) : null };
  };
  const strokes = (cell) => {
    const drawn = [...graph.findViewByCell(cell).container.querySelectorAll("path, rect, circle, ellipse")];
    const seen = drawn.filter((one) => one.getAttribute("opacity") !== "0" && !one.closest(".x6-edge-label"));
    return [...new Set(seen.map((one) => one.getAttribute("stroke")).filter((one) => one && one !== "transparent"))];
  };
  const seen = graph.getCells().map((cell) => ({
    id: cell.id,
    shape: cell.shape,
    name: cell.data.name,
    ...letters(cell),
    bounds: cell.isNode() ? box(cell.getBBox()) : null,
    strokes: strokes(cell),
  }));
  // What Threat Dragon does when a user selects a shape.
  const chosen = graph.getNodes().filter((cell) => cell.shape !== "trust-boundary-box").map((cell) => {
    cell.label = cell.data.name;
    return { name: cell.data.name, ...letters(cell), bounds: box(cell.getBBox()) };
  });
  return { seen, chosen };
}
