"""The eleven steps at which a program may die, and the ways in which it could be wrong. Real functions, wrapped.

==========  ==========================================================================================
eval0       before a window is judged
eval1       inside its transaction, once the rules' memories are stored
enq         inside it, between the news for one channel and for the next
eval2       inside it, before the commit
eval3       after the commit
claim1      inside the transaction that claims a message, once the attempt is written down
claim2      after its commit
send0       right before a message leaves
send1       once the other side has taken it
finish1     inside the transaction that records what came of it
finish2     after its commit
==========  ==========================================================================================
"""

import os
import signal
from collections import Counter
from dataclasses import dataclass, field

from driftboard.alerts import attempt, courier, finish, selection
from driftboard.alerts.channels import Channel, Receipt
from driftboard.alerts.courier import Courier
from driftboard.alerts.message import Message
from driftboard.data import delivery, incidents, outbox
from driftboard.data.outcomes import Outcome, record

EVALUATOR = ("eval0", "eval1", "enq", "eval2", "eval3")
DISPATCHER = ("claim1", "claim2", "send0", "send1", "finish1", "finish2")
CONTROLS = ("mark first", "no lease", "second transaction", "no fence", "no block")


@dataclass
class Fate:
    """At which visit of which step the program is killed, or stopped until somebody lets it go on.

    Attributes
    ----------
    step, visit
        The step, and its how-manieth visit; no step: never.
    number
        SIGKILL or SIGSTOP.
    """

    step: str = ""
    visit: int = 1
    number: int = signal.SIGKILL
    visits: Counter[str] = field(default_factory=Counter)

    def visited(self, step: str) -> None:
        """Be at a step; for the last time, it may be."""
        self.visits[step] += 1
        if step == self.step and self.visits[step] % self.visit == 0:
            os.kill(os.getpid(), self.number)


def wrap(fate: Fate, control: str = "") -> None:
    """Put the steps into this program, and the one thing that is wrong with it."""
    _wrap_planning(fate)
    _wrap_claim(fate)
    _wrap_sending(fate)
    _wrap_finish(fate)
    selection.merges = lambda _: False  # a message for each notification, so that a thousand are a thousand
    if control == "no lease":
        delivery.lease_holders = lambda *_, **__: frozenset()
    if control == "no block":
        finish.blocked_until = lambda *_, **__: None
    if control == "no fence":
        _without_fence()
    if control == "mark first":
        _marking_first()


def _wrap_planning(fate: Fate) -> None:
    save, enqueue = incidents.save_memories, outbox.enqueue

    def save_memories(*args: object) -> None:
        save(*args)
        fate.visited("eval1")

    def one_by_one(connection: object, rows: object) -> None:
        for number, row in enumerate(rows):
            if number:
                fate.visited("enq")
            enqueue(connection, [row])

    incidents.save_memories, outbox.enqueue = save_memories, one_by_one


def _wrap_claim(fate: Fate) -> None:
    take, send = delivery.take, courier.attempt

    def take_and_visit(*args: object, **options: object) -> object:
        rows = take(*args, **options)
        fate.visited("claim1")
        return rows

    def visit_and_send(*args: object, **options: object) -> object:
        fate.visited("claim2")
        return send(*args, **options)

    delivery.take, courier.attempt = take_and_visit, visit_and_send


@dataclass(frozen=True, slots=True)
class _Watched:
    """A channel that visits the steps before and after sending."""

    real: Channel
    fate: Fate

    def send(self, message: Message) -> Receipt:
        self.fate.visited("send0")
        receipt = self.real.send(message)
        self.fate.visited("send1")
        return receipt


def _wrap_sending(fate: Fate) -> None:
    open_channel = attempt.open_channel
    attempt.open_channel = lambda *args: _Watched(open_channel(*args), fate)


def _wrap_finish(fate: Fate) -> None:
    write, whole = finish.record, Courier._record

    def record_and_visit(*args: object, **options: object) -> object:
        decided = write(*args, **options)
        fate.visited("finish1")
        return decided

    def whole_and_visit(*args: object) -> object:
        outcome = whole(*args)
        fate.visited("finish2")
        return outcome

    finish.record, Courier._record = record_and_visit, whole_and_visit


def _without_fence() -> None:
    send = courier.attempt
    courier.attempt = lambda *args, now, in_time: send(*args, now=now, in_time=lambda: bool(in_time) or True)


def _marking_first() -> None:
    send = courier.attempt

    def mark_and_send(store: object, settings: object, claim: object, **options: object) -> object:
        with store.write() as connection:
            record(connection, claim.rows, Outcome("ok", outbox.Delivery.DELIVERED), now=options["now"])
        return send(store, settings, claim, **options)

    courier.attempt = mark_and_send
