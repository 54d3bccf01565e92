"""Shows how far a long task is: a bar on a terminal, a few plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINES_A_STEP = 4


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that is told what is being done, how many parts of it are done, and of how many."""
    if not sys.stderr.isatty():
        yield PlainLines()
        return
    from rich.console import Console  # noqa: PLC0415 - `--help` does not need it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, int] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                for earlier in tasks.values():  # a step that gives no numbers is over when the next begins
                    bars.update(bars.task_ids[earlier], completed=bars.tasks[earlier].total)
                tasks[step] = len(tasks)
                bars.add_task(step, total=total)
            bars.update(bars.task_ids[tasks[step]], completed=done)

        yield report


class PlainLines:
    """A line when a step begins, and at each quarter of a long one."""

    def __init__(self) -> None:
        self._said: tuple[str, int] | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        """Print a line when there is something new to say."""
        quarter = done * LINES_A_STEP // total
        if (step, quarter) != self._said:
            self._said = (step, quarter)
            text = f"{step}: {done} of {total}" if quarter else f"{step} ..."
            print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is what it is for
