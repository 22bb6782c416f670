"""What a run does not show, as far as its files say."""

from collections.abc import Iterator

from gemquad.cards import tables
from gemquad.cards.licences import SAMPLE, Weights
from gemquad.cards.selected import languages_seen, saw_synthetic, selected
from gemquad.report.content import PageContent
from gemquad.report.formatting import capitalised, count, counted, listed, plural
from gemquad.schema.results import Overlap


def limits(content: PageContent, generator: Weights) -> Iterator[str]:
    """Sentences on the selected student, its scores and its data."""
    yield from _of_scores(content)
    yield from (_leak(leak, content) for leak in content.overlaps if leak.identical + leak.near + leak.parallel)
    if saw_synthetic(content):
        yield f"Synthetic pairs were written by {generator.name} and chosen by a student; no person has checked them."
    if any(source["path"].startswith(SAMPLE) for source in content.sources):
        yield "The bundled sample was composed with a language model, and no native reader has signed it off."
    yield from warnings(content)


def warnings(content: PageContent) -> Iterator[str]:
    """What is wrong with the synthetic pairs, as sentences."""
    yield from (f"{tables.named(language)}: {said}." for language, said in content.warnings)


def _of_scores(content: PageContent) -> Iterator[str]:
    seeds = [str(seed) for seed in selected(content).seeds]
    examples = listed([plural(noun) for noun in dict.fromkeys((content.terms.example, content.terms.group))])
    trained = f"Trained with {counted(len(seeds), 'seed')} ({', '.join(seeds)})"
    yield f"{trained}: the intervals speak of other {examples}, not of other trainings."
    if untested := [tables.named(x) for x in content.trained if x not in content.tested]:
        yield f"Not tested in {listed(untested)}."
    if carried := [tables.named(x) for x in content.tested if x not in languages_seen(content)]:
        yield f"Not trained on {listed(carried)}: their scores show what carries over."
    yield "No other language was tested."


def _leak(leak: Overlap, content: PageContent) -> str:
    first, second = leak.roles.split("-")
    identical, near, parallel, all_of_it = map(count, (leak.identical, leak.near, leak.parallel, leak.compared[1]))
    return (
        f"{capitalised(first)} and {second} share {plural(content.terms.group)} ({identical} identical, {near} nearly the same "
        f"and {parallel} of one data set, of {all_of_it} in {second}), which data.allow_overlap permits."
    )
