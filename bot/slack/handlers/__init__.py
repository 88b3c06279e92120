"""What is answered to whom, by conversation; a listener parses, executes and shows."""
