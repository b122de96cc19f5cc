"""The rows of people and their keys to the house; schema `accounts`.

Who somebody is lives in TRADING, where one person on one side is a constraint; how he signs in lives in HOME,
the database of the site he signs in to. What Piccolo cannot say stands in migrations/kernel/accounts.sql.
"""

from piccolo.columns import UUID, Array, BigInt, Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from kernel.db import HOME, TRADING


class Person(Table, schema="accounts", tablename="person", db=TRADING):
    """One natural person: a keyed hash of the identity number, a sealed copy of it, exactly one side."""

    id = UUID(primary_key=True, default=None, null=False)
    id_hash = Bytea(null=False, required=True, default=None, unique=True)
    id_sealed = Bytea(null=False, required=True, default=None)
    name = Varchar(length=80, null=False, required=True, default=None)
    phone = Varchar(length=20, null=False, required=True, default=None)
    side = Varchar(length=9, null=False, required=True, default=None)
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz(null=False, required=True, default=None)
    person_on_one_side = Unique(["id", "side"])
    known_side = Check("side in ('trade', 'judge', 'operate', 'supervise')")
    keyed_hash = Check("length(id_hash) = 32")
    not_own_creator = Check("created_by is null or created_by <> id")


class Organisation(Table, schema="accounts", tablename="organisation", db=TRADING):
    """One legal unit by its unified credit code (GB 32100); `controller_code` names whoever controls it."""

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=18, null=False, required=True, default=None, unique=True)
    name = Varchar(length=200, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    kind = Varchar(length=12, null=False, required=True, default=None)
    legal_rep_hash = Bytea(null=True, default=None)
    controller_code = Varchar(length=18, null=True, default=None, index=True)
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz(null=False, required=True, default=None)
    known_kind = Check("kind in ('enterprise', 'institution', 'government', 'society', 'individual')")
    six_digits = Check("region ~ '^[0-9]{6}$'")


class Membership(Table, schema="accounts", tablename="membership", db=TRADING):
    """A role of a person in an organisation: asked (no `since`), in force, or ended (`until` passed)."""

    id = UUID(primary_key=True, default=None, null=False)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.restrict)
    side = Varchar(length=9, null=False, required=True, default=None)
    organisation = ForeignKey(Organisation, null=False, index=True, on_delete=OnDelete.restrict)
    role = Varchar(length=12, null=False, required=True, default=None)
    departments = Array(base_column=Varchar(length=40), null=False, default=list)
    asked_by = UUID(null=True, default=None)
    asked_at = Timestamptz(null=False, required=True, default=None)
    granted_by = UUID(null=True, default=None)
    since = Timestamptz(null=True, default=None)
    until = Timestamptz(null=True, default=None)
    ended_by = UUID(null=True, default=None)
    role_stands_on_side = Check(
        "(role in ('purchaser', 'agent', 'bidder', 'intermediary') and side = 'trade')"
        " or (role = 'expert' and side = 'judge') or (role = 'operator' and side = 'operate')"
        " or (role in ('regulator', 'inspector') and side = 'supervise')"
    )
    two_people = Check("granted_by is null or asked_by is null or granted_by <> asked_by")
    not_to_himself = Check("granted_by is null or granted_by <> person")
    forward = Check("until is null or since is null or until >= since")


class Mandate(Table, schema="accounts", tablename="mandate", db=TRADING):
    """A purchaser's written mandate to an agency: which acts, for one project or all, from when to when."""

    id = UUID(primary_key=True, default=None, null=False)
    purchaser = ForeignKey(Organisation, null=False, index=True, on_delete=OnDelete.restrict)
    agent = ForeignKey(Organisation, null=False, index=True, on_delete=OnDelete.restrict)
    project = UUID(null=True, default=None, index=True)
    acts = Array(base_column=Varchar(length=64), null=False, default=list)
    since = Timestamptz(null=False, required=True, default=None)
    until = Timestamptz(null=False, required=True, default=None)
    document = Bytea(null=False, required=True, default=None)
    granted_by = UUID(null=False, required=True, default=None)
    granted_at = Timestamptz(null=False, required=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    two_parties = Check("purchaser <> agent")
    mandate_runs_forward = Check("until > since")
    document_digest = Check("length(document) = 32")
    some_act = Check("cardinality(acts) > 0")


class Delegation(Table, schema="accounts", tablename="delegation", db=TRADING):
    """A dated substitution of an official on leave; both memberships have the same side and role."""

    id = UUID(primary_key=True, default=None, null=False)
    absent = ForeignKey(Membership, null=False, index=True, on_delete=OnDelete.restrict)
    substitute = ForeignKey(Membership, null=False, index=True, on_delete=OnDelete.restrict)
    since = Timestamptz(null=False, required=True, default=None)
    until = Timestamptz(null=False, required=True, default=None)
    reason = Varchar(length=200, null=False, required=True, default=None)
    decided_by = UUID(null=False, required=True, default=None)
    decided_at = Timestamptz(null=False, required=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    two_memberships = Check("absent <> substitute")
    delegation_runs_forward = Check("until > since")


class Credential(Table, schema="accounts", tablename="credential", db=HOME):
    """How a person signs in here: login name, Argon2id PHC string, sealed one-time-code key."""

    person = UUID(primary_key=True, default=None, null=False)
    login = Varchar(length=40, null=False, required=True, default=None, unique=True)
    phc = Text(null=False, required=True, default=None)
    totp_sealed = Bytea(null=True, default=None)
    totp_step = BigInt(null=False, default=0)
    failed = Integer(null=False, default=0)
    created_at = Timestamptz(null=False, required=True, default=None)
    changed_at = Timestamptz(null=False, required=True, default=None)
    disabled_at = Timestamptz(null=True, default=None)


class Session(Table, schema="accounts", tablename="session", db=HOME):
    """A signed-in browser: only the SHA-256 of its token is kept. `seat`: it stands for a judge's seat."""

    id = UUID(primary_key=True, default=None, null=False)
    digest = Bytea(null=False, required=True, default=None, unique=True)
    person = UUID(null=False, required=True, default=None, index=True)
    membership = UUID(null=True, default=None)
    seat = Boolean(null=False, default=False)
    csrf = Varchar(length=64, null=False, required=True, default=None)
    created_at = Timestamptz(null=False, required=True, default=None)
    last_seen = Timestamptz(null=False, required=True, default=None)
    expires_at = Timestamptz(null=False, required=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    address = Varchar(length=64, null=False, required=True, default=None)
    client = Varchar(length=300, null=False, required=True, default=None)
    session_digest = Check("length(digest) = 32")


class Token(Table, schema="accounts", tablename="token", db=HOME):
    """A program's key: one membership, named acts only, an end; only its SHA-256 is kept."""

    id = UUID(primary_key=True, default=None, null=False)
    digest = Bytea(null=False, required=True, default=None, unique=True)
    person = UUID(null=False, required=True, default=None, index=True)
    membership = UUID(null=False, required=True, default=None)
    name = Varchar(length=80, null=False, required=True, default=None)
    acts = Array(base_column=Varchar(length=64), null=False, default=list)
    created_at = Timestamptz(null=False, required=True, default=None)
    expires_at = Timestamptz(null=False, required=True, default=None)
    last_used = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    token_digest = Check("length(digest) = 32")
    token_acts = Check("cardinality(acts) > 0")


class Throttle(Table, schema="accounts", tablename="throttle", db=HOME):
    """Tries at a door by one key (a login name, an address) and until when the next one waits."""

    key = Varchar(length=120, primary_key=True, default=None, null=False)
    tries = Integer(null=False, default=0)
    blocked_until = Timestamptz(null=True, default=None)
    last_at = Timestamptz(null=False, required=True, default=None)
