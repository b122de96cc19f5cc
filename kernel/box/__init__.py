"""The sealed box: set-up, submit, receipt, close, reveal, attest, release, open. It knows lots, not tenders.

    setup.py     the holders' stage keys → setup.json, signed by every holder
    duty.py      which two or three holders of a role stand for it, and who steps in (AB 岗)
    readiness.py a day before the opening every key opens a test envelope
    rehearsal.py a whole opening beforehand, on its own keys and its own log
    submit.py    a sealed bid is taken, replaced or withdrawn, and a receipt is given
    close.py     at the deadline the list is fixed; five minutes for an omitted receipt; the regulator countersigns
    reveal.py    each bidder shows his own seeds
    release.py   the three roles attest, then release: instead of the bidder, or for him
    open.py      seeds → every committed byte regenerated → the index of the public stage
    witness.py   what nobody outside has seen is not opened, and proven.py what shows that somebody has
    outage.py    minutes in which nobody could reveal are given back; knock.py finds those of the pages alone
    desk.py      what waits for a holder, and what he posts

A duty calls these inside its own transaction, under its own case lock.
"""
