"""How far a drill is, as a bar on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Steps:
    """Counts the steps of one drill."""

    def __init__(self, progress: Progress, title: str, total: int) -> None:
        """Show a bar of so many steps."""
        self._progress, self._task = progress, progress.add_task(title, total=total)

    def one(self) -> None:
        """One more is done."""
        self._progress.advance(self._task)


@contextmanager
def bars() -> Iterator[Progress]:
    """Bars for as long as the block lasts."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress
