"""Times, scores and the summary of a run as plain text."""

from collections import Counter

from gemquad.monitor.run import Run, Status
from gemquad.schema.results import Decision, RoundResult


def duration(seconds: float) -> str:
    """A duration as minutes and seconds, 3:07, or with hours, 1:02:03."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def score(result: RoundResult, decision: Decision) -> str:
    """`round 1 51.2 (+2.3)`: the dev score of a round and its gain over the baseline."""
    if result.round == 0:
        return f"baseline {result.dev_score:.1f}"
    return f"round {result.round} {result.dev_score:.1f} ({result.dev_score - decision.history[0].dev_score:+.1f})"


def scores(decision: Decision, metric: str) -> str:
    """The dev scores of all scored rounds on one line."""
    return f"dev {metric}: " + ", ".join(score(result, decision) for result in decision.history)


def verdict(run: Run) -> list[str]:
    """Lines with the scores so far and why the loop stopped; none before the baseline is scored."""
    if run.decision is None:
        return []
    stopped = [f"stopped after {run.decision.reason}"] if run.decision.stop else []
    return [scores(run.decision, run.plan.metric), *stopped]


def announcement(run: Run) -> str:
    """The position of the stage that DVC has just reached: `stage 12 of 31`."""
    return f"stage {len(run.reached)} of {len(run.plan.steps)}"


def summary(run: Run, now: float) -> str:
    """Which stages ran and for how long, how many were up to date, and the scores of the rounds."""
    if not run.reached:
        return f"no stage was reached in {duration(now - run.began)}"
    counts = Counter(run.status(step) for step in run.plan.steps)
    timed = [step for step in run.reached if run.status(step) != Status.UNCHANGED]
    width = max((len(step.address) for step in timed), default=0)
    rows = [
        f"{step.address:{width}}  {run.status(step).value:10}  {duration(run.seconds(step, now)):>8}" for step in timed
    ]
    total = f"{len(run.plan.steps)} stages in {duration(now - run.began)}: "
    rows.append(total + ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status]))
    return "\n".join([*rows, *verdict(run)])
