"""Libraries: a company's own rules, facts, technologies and controls, read from a file and checked."""
