"""Every path of a run, once.

Stages, views and commands ask here, with a round or a key and never a path. `dvc.yaml` has to repeat the paths, because DVC reads
nothing else; a test holds both together.
"""

from pathlib import Path


class Workspace:
    """The files of the run in the checkout at `root`; relative paths where it is the current folder."""

    def __init__(self, root: Path = Path()) -> None:
        self.root = root
        self.params, self.lock, self.code_lock = root / "params.yaml", root / "dvc.lock", root / "code.lock.yaml"
        self.pipeline = root / "dvc.yaml"
        data, metrics, models, reports = root / "data", root / "metrics", root / "models", root / "reports"

        self.read = data / "read"
        self.gold, self.exemplars = data / "prepared/gold.parquet", data / "prepared/exemplars.parquet"
        self.passages, self.translated = data / "prepared/passages.parquet", data / "prepared/translated.parquet"
        self.corrected = data / "prepared/corrected.parquet"
        """Pairs that people checked; none unless `data.languages.LANGUAGE.corrected` names a file."""
        self.dev, self.test = data / "prepared/dev.parquet", data / "prepared/test.parquet"
        self.valuing = data / "prepared/valuing.parquet"
        """The half of dev that values pairs; empty unless `filter.weights` is value, and `dev` is then the other half."""
        self.overlaps = data / "prepared/overlaps.json"

        self.generator, self.tuning = models / "generator", data / "tuning.json"
        self.prompts, self.completions = data / "prompts.parquet", data / "completions.parquet"
        self.synthetic, self.candidates = data / "synthetic.parquet", data / "candidates.parquet"
        self.generation, self.generation_time = metrics / "generation.json", metrics / "generation_time.json"
        self.diversity = metrics / "diversity.json"

        self.rounds, self.round_metrics, self.students = data / "rounds", metrics / "rounds", models / "students"
        self.best, self.selection = models / "best", metrics / "selection.json"

        self.comparisons = data / "comparisons"
        self.averaged = self.comparisons / "averaged.parquet"
        """The answers of the students' mean to dev and test; none unless it was chosen."""
        self.budget, self.compared_silver = self.comparisons / "budget.json", self.comparisons / "silver.parquet"
        self.intervals, self.gains = metrics / "intervals.json", metrics / "gains.json"

        self.answer = metrics / "summary.json"
        self.page, self.summary, self.verdict = (reports / name for name in ("index.html", "summary.md", "verdict.txt"))
        plots = metrics / "plots"
        self.score_plot, self.silver_plot, self.loss_plot = (
            plots / f"{name}.json" for name in ("scores", "silver", "loss")
        )
        self.released_model, self.released_data = models / "release", data / "release"
        self.model_card, self.data_card = self.released_model / "README.md", self.released_data / "README.md"
        self.onnx = models / "onnx"
        self.registered = data / "registered.json"

    def round(self, number: int) -> "RoundFolder":
        """The paths of round `number`; 0 is the baseline."""
        return RoundFolder(self, number)

    def source(self, key: str) -> Path:
        """The path of the records of a file of the data section, by its key such as `dev-es`."""
        return self.read / f"{key}.parquet"

    def card(self, key: str) -> Path:
        """The path of the data card of a file of the data section, by its key."""
        return self.read / f"{key}.card.json"

    def fetched(self, key: str) -> Path:
        """The path of a fetched hub data set, by its key such as `xquad-es`."""
        return self.root / "data/hub" / f"{key}.json"

    def compared_predictions(self, key: str) -> Path:
        """The path of the test answers of a system beside the rounds, by its key such as `random-13`."""
        return self.comparisons / key / "predictions.parquet"

    def compared_curve(self, key: str) -> Path:
        """The path of that system's learning curve, by the same key."""
        return self.comparisons / key / "curve.json"


class RoundFolder:
    """The files of one round."""

    def __init__(self, workspace: Workspace, number: int) -> None:
        data, metrics = workspace.rounds / str(number), workspace.round_metrics / str(number)
        self.number = number
        self.labels, self.audit_labels = data / "labels.parquet", data / "audit_labels.parquet"
        self.values = data / "values.parquet"
        """What candidates and audited pairs are worth; empty unless `filter.weights` is value."""
        self.judgements, self.seen = data / "judgements.parquet", data / "seen.json"
        self.silver, self.silver_counts = data / "silver.parquet", metrics / "silver.json"
        self.audited, self.audit = data / "audit.parquet", metrics / "audit.json"
        self.student, self.curve = workspace.students / f"round-{number}", data / "curve.json"
        self.predictions, self.scores = data / "predictions.parquet", metrics / "scores.json"
        self.decision, self.tracked = metrics / "decision.json", data / "tracked.json"
        self.opening = data / "opening.json"
        """Of round 0: the state of the loop before it."""
        self.decision_before = workspace.round(number - 1).decision if number > 0 else self.opening
