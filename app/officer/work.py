"""One unlock does all that waits: fetch the tasks, check each, ask, sign, send; again until nothing waits."""

from collections.abc import Callable
from dataclasses import dataclass

from app.client import Client
from app.officer.home import Card, Home
from app.officer.words import describe
from kernel.errors import Refusal
from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.caution import Trust, check_task
from kernel.proofs.dsse import keyid_of
from kernel.proofs.errors import ProofError
from kernel.proofs.possession import prove
from kernel.proofs.trustee import Task, answer

Ask = Callable[[str], bool]
_LONGEST = 50  # rounds; what waits longer than this is not going to end


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one task: `says` is empty when it was done, else why it was not."""

    task: Task
    words: str
    says: str = ""


def register(client: Client, home: Home) -> str:
    """Make the officer a holder on this site by keys read back from his backup; his key's number there."""
    body = {"public_key": to_base64(home.card.public_key), "recipient": home.card.recipient}
    sealed = from_base64(client.post("/box/holders/challenge", body)["sealed"])
    proof = to_base64(prove(home.officer, sealed).to_bytes())
    return str(client.post("/box/holders", body | {"proof": proof})["keyid"])


def waiting(client: Client, card: Card) -> list[Task]:
    """What waits for this very key."""
    own = keyid_of(card.public_key)
    return [task for task in client.get("/box/waiting")["tasks"] if task["keyid"] == own]


def work(client: Client, home: Home, trust: Trust, ask: Ask) -> list[Done]:
    """Do everything that waits and is sound and is said yes to; what was done and what was not.

    A task that is refused here or there is left alone for the rest of this unlock; the others go on.
    """
    results: list[Done] = []
    settled: set[tuple[str, ...]] = set()
    for _ in range(_LONGEST):
        tasks = [task for task in waiting(client, home.card) if _name(task) not in settled]
        if not tasks:
            break
        for task in tasks:
            settled.add(_name(task))
            results.append(_one(client, home, trust, ask, task))
    return results


def _one(client: Client, home: Home, trust: Trust, ask: Ask, task: Task) -> Done:
    words = f"{task.get('tender')} 标段 {task.get('lot')}：{task.get('do')}"
    try:
        check_task(home.officer, task, trust)
        words = describe(task)
        if not ask(words):
            return Done(task, words, "您选择了不办理")
        answered = answer(home.officer, task)
        client.post(f"/box/{task['case']}/messages", answered.message())
    except ProofError as error:
        return Done(task, words, error.says)
    except Refusal as refusal:
        return Done(task, words, "；".join(problem.says for problem in refusal.problems))
    return Done(task, words)


def _name(task: Task) -> tuple[str, ...]:
    """What makes a task this one: the same lot, the same stage of the same thing."""
    return tuple(str(task.get(name, "")) for name in ("case", "do", "stage", "close", "body"))
