"""Who judges: the pool of experts, whom they must avoid, how a panel is drawn, called, seated and replaced."""
