"""The engine on one machine: a pool of processes, each with one part at a time in its memory."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from tracker.scale.parts import Parts
from tracker.scale.states import StatesQuestion
from tracker.scale.work import Summary, answer_part


def answered(parts: Parts, question: StatesQuestion, out: Path | None, workers: int | None = None) -> Iterator[Summary]:
    """Compute the states in every part, giving each summary as soon as it is there.

    Args: workers: processes, by default one for each core; with one, this process does it itself.
    """
    folder = None if out is None else str(out)
    count = min(workers or os.cpu_count() or 1, len(parts.files))
    if count == 1:
        for number, file in enumerate(parts.files):
            yield answer_part(number, str(file), question, folder)
        return
    # Not forked: Arrow's threads would be lost in the copy.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        futures = [
            pool.submit(answer_part, number, str(file), question, folder) for number, file in enumerate(parts.files)
        ]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)
