// Reads a file of draw.io with the library that draw.io is made of, and tells what it has in the graph.
(xml) => {
  const document = mxUtils.parseXml(xml);
  const graph = new mxGraph(window.document.getElementById("graph"));
  const model = document.getElementsByTagName("mxGraphModel")[0];
  new mxCodec(document).decode(model, graph.getModel());
  const cells = Object.values(graph.getModel().cells).filter((cell) => cell.isVertex() || cell.isEdge());
  return cells.map((cell) => {
    const state = graph.view.getState(cell);
    return {
      id: cell.id,
      label: graph.getLabel(cell),
      kind: cell.isEdge() ? "edge" : "vertex",
      parent: cell.parent.id,
      ends: cell.isEdge() ? [cell.source && cell.source.id, cell.target && cell.target.id] : [],
      drawn: Boolean(state && state.shape),
      x: state ? state.x : null,
      y: state ? state.y : null,
    };
  });
}
