"""BYTES THAT MUST OUTLIVE US.

    register ─ receive ─ receive … ─ finish │ claim │ promote ─ erase
    a door: parts, unlocked, resumable       the act  a job after its commit

Until `claim`, whatever is cut or forgotten is swept away; from its commit on, the bytes are held: first in
`incoming`, then, locked, in the vault. A crash leaves an orphan, never a hole.
"""
