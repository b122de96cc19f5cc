"""开标室、评标室: which case has which room when, without clashes; and the hashes of what was recorded there.

    steps.py    a centre's own rooms; reserve, release, keep_recording: a duty's acts, in the duty's own transaction
    records.py  what pages show: rooms, who has them, recordings

It knows cases and times, not tenders. That no two standing bookings of a room overlap is a constraint of the table.
"""
