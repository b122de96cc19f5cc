"""People, organisations, the roles they were given, and how they prove at the door who they are."""
