"""A small witness that lives in memory: the regulator's, as far as the trading side can tell."""

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.posting import WitnessAddress
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer, VerifierKey
from kernel.proofs.witnessing import SIZE_TYPE, Cosigned, Head, decide


class Several:
    """Some witnesses behind one client, each found by the host of its address."""

    def __init__(self, *witnesses: "SmallWitness") -> None:
        self._by_host = {httpx.URL(one.address.url).host: one for one in witnesses}

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(lambda r: self._by_host[r.url.host].answer(r)))


class SmallWitness:
    """Answers add-checkpoint for one log; `away` makes it unreachable, `forgetful` drops its answer once."""

    def __init__(self, log_key: VerifierKey, name: str = "witness.example") -> None:
        self.signer = Signer.from_private(name, Ed25519PrivateKey.generate(), COSIGNATURE_V1)
        self.head = Head()
        self.asked: list[bytes] = []
        self.away = False
        self.forgetful = False
        self._log_key, self._host = log_key, name.replace(".example", ".test")

    @property
    def address(self) -> WitnessAddress:
        return WitnessAddress(f"http://{self._host}/witness/add-checkpoint", self.signer.key)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What this witness says to an add-checkpoint."""
        if self.away:
            raise httpx.ConnectError("nobody there")
        self.asked.append(request.content)
        decision = decide(request.content, [self._log_key], self.head, self.signer, 1_772_413_200)
        if isinstance(decision, Cosigned):
            self.head = decision.head
            if self.forgetful:
                self.forgetful = False
                raise httpx.ReadTimeout("the answer was lost")
            return httpx.Response(200, text=decision.line)
        kind = "text/plain" if decision.known_size is None else SIZE_TYPE
        return httpx.Response(decision.status, content=decision.body.encode(), headers={"content-type": kind})
