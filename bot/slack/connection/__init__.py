"""How the bot and Slack reach each other: tokens, sockets, signatures, pages."""
