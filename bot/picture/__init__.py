"""Pictures of vote results and data flows, drawn as SVG and rendered as PNG; pure functions."""
