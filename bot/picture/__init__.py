"""Pictures: what a vote came to, drawn as SVG and made PNG; pure functions."""
