"""Watches and orders; never trades.

witness.py      cosigns the trading log, and keeps what contradicts it
countersign.py  looks at every set-up, deadline and close in clear, and countersigns the close once
hold_share.py   where the regulator's holders post what they sign
points.py       the supervision points, from points.toml; judging.py judges one case by one point
sources.py      each duty's cases, facts and waiting decisions, by their read-only modules
patrol.py       the round over every case: into the hall's list, and carded when late
cards.py        reminders, yellow and red cards; issue.py those that people issue, lift and review
hall.py         every case of a region and department, counted and listed by the database
drafts.py       what one officer writes and a second confirms; confirm.py is the second signature
direct.py       posts an order into the mailbox that every trading step looks into
decide.py       decides what the trading duties wait for
letters.py      asks a party of the traded side for an explanation
evidence.py     from an alert to the log entries behind it
cases.py        what an officer may look at; each look is put on supervision's own record
watch.py        the trading log read back against the witness, and all that alarms
clockwork.py    what goes on by itself; asgi.py api.py pages.py doors/ are the site
"""
