"""The roof of trading: the portal, the two start commands, the embedded database, the command line."""
