"""User interface: messages, modals and the Home tab, each a pure function of a read model."""
