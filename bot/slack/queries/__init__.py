"""How the bot reads what people type, and looks over several models or back in time."""
