"""Pictures: what a vote came to, and how data flows; drawn as SVG and made PNG; pure functions."""
