"""Watches and orders; never trades.

witness.py      cosigns the trading log, and keeps what contradicts it
countersign.py  looks at every set-up, deadline and close in clear, and countersigns the close once
hold_share.py   where the regulator's holders post what they sign
direct.py       posts an order into the mailbox that every trading step looks into
cases.py        what an officer may look at; each look is put on supervision's own record
watch.py        the trading log read back against the witness, and all that alarms
clockwork.py    what goes on by itself; asgi.py api.py pages.py are the site
"""
