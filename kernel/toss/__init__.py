"""The draw ceremony (etb.draw/1), attended and unattended: drawn by nobody. It knows cases, not panels or shops.

    steps.py      begin, fix_list, outcome, replace, open_names …: a duty's acts, in the duty's own transaction
    intake.py     what the others say, verified before it counts
    clockwork.py  the operator's process: takes what the others said, says what is due, computes the order
    keeper.py     the regulator's process: rebuilds the list, makes the salts, holds the names, walks a panel's order
    records.py    where a draw stands; news.py what a duty has not looked at yet
    transcript.py the members of an evidence package

Every message is signed by its role and stands in an append-only table; each side writes only its own, verifies the
other's before use, and every message is an event of the case.
"""
