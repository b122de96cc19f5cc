"""How the databases came to be: one folder a duty, and what each login may touch."""
