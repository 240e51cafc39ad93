"""An experiment that gets stuck says so in its finding."""

from collections.abc import Callable
from functools import wraps

from tests.chaos.experiment import Finding, Run


def in_time(go: Callable[[Run], Finding]) -> Callable[[Run], Finding]:
    """What did not happen in time is a broken promise, and no end of all experiments.

    In a control it proves nothing: it may never have come to what is taken away.
    """

    @wraps(go)
    def told(run: Run) -> Finding:
        try:
            return go(run)
        except TimeoutError as late:
            run.say(str(late))
            return Finding(() if run.without else (str(late),), {"came_to_its_end": 0}, {"came_to_its_end": 1})

    return told
