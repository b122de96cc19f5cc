"""recovery.json: a lost computer does not lose the bid, and a found one does not open it."""

from datetime import datetime

import pytest
from sealed_lot import altered, lot_setup, sealed_bid

from kernel.proofs.age import Passphrase
from kernel.proofs.deadline import BEIJING
from kernel.proofs.errors import Malformed, NoMatch
from kernel.proofs.recovery import build_recovery, lock_recovery, read_recovery, unlock_recovery
from kernel.proofs.stage import open_stage

SETUP = lot_setup()
SEALED = sealed_bid(SETUP)
SECRETS = list(SEALED.secrets.values())
QUICK = Passphrase("correct horse battery staple", work=4)


def test_the_seeds_come_back_and_open_the_bid() -> None:
    recovered = unlock_recovery(lock_recovery(SECRETS, QUICK), QUICK)
    assert recovered.secrets == tuple(SECRETS)
    opened = open_stage(SETUP, SEALED.bid, "price", seed=recovered.secret("price").seed)
    assert opened.findings == ()
    with pytest.raises(Malformed, match="technical"):
        recovered.secret("technical")


def test_a_bid_sealed_in_a_page_leaves_one_file_with_its_key_and_the_deadline_sealed_for() -> None:
    until = datetime(2026, 4, 20, 9, 30, tzinfo=BEIJING)
    kept = read_recovery(build_recovery(SECRETS, signer=b"k" * 32, deadline=until))
    assert (kept.signer, kept.deadline) == (b"k" * 32, until)
    without = read_recovery(build_recovery(SECRETS))
    assert (without.signer, without.deadline) == (b"", None)
    assert "k" * 32 not in repr(kept)


def test_the_stored_file_shows_no_seed_and_a_wrong_passphrase_opens_nothing() -> None:
    stored = lock_recovery(SECRETS, QUICK)
    assert SECRETS[0].seed not in stored
    with pytest.raises(NoMatch):
        unlock_recovery(stored, Passphrase("wrong", work=4))


def test_secrets_of_two_bids_do_not_go_into_one_file() -> None:
    stranger = sealed_bid(SETUP, bidder="91350100M000100Y44").secrets["documents"]
    with pytest.raises(Malformed, match="other_context"):
        build_recovery([SECRETS[0], stranger])
    with pytest.raises(Malformed, match="no_stage"):
        build_recovery([])


@pytest.mark.parametrize(
    ("path", "to"),
    [(("more",), 1), (("k",), 9), (("stages", 0, "seed"), "AA=="), (("type",), "x"), (("signer",), "AA==")],
)
def test_a_recovery_file_of_another_shape_is_refused(path: tuple[str | int, ...], to: object) -> None:
    with pytest.raises(Malformed):
        read_recovery(altered(build_recovery(SECRETS), *path, to=to))
