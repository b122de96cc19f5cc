"""Watches and orders; never trades.

    witness.py      cosigns the trading log, and keeps what contradicts it
    countersign.py  looks at every set-up, deadline and close in clear, and countersigns the close once
    hold_share.py   where the regulator's holders post what they sign
    direct.py       posts an order into the mailbox that every trading step looks into
"""
