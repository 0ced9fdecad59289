"""Precision and recall of the detectors beside Presidio's, on the same texts; the tables of docs/masking.md.

    python -m venv /tmp/quality && /tmp/quality/bin/pip install --group quality .
    /tmp/quality/bin/python -m bench.quality

The texts are sentences by Presidio's own generator (presidio-evaluator: templates and values by its authors)
and the labelled sentences and cells of rust/mask/tests/data. Presidio runs with its recognisers that go by
patterns and checksums, and without a language model, which none of the entities compared needs.

A value counts as found when a finding covers it whole, whatever kind it is taken for: it would be hidden. A
finding is a false alarm when it touches nothing that is labelled.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

LABELLED = Path(__file__).parents[1] / "rust" / "mask" / "tests" / "data" / "labelled.tsv"
SENTENCES = 3_000
SEED = 20_261_124
LOWER_CASE_RATIO = 0.05
THRESHOLD = 0.35
"""The score below which a finding of Presidio's does not count, as its own evaluation has it."""

ENTITIES = {
    "CREDIT_CARD": "pan",
    "IBAN_CODE": "iban",
    "US_SSN": "us-ssn",
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "IP_ADDRESS": "ip",
}
"""What Presidio calls what both can find, and what we call it here; both versions of IP are one."""
KINDS = {name: name for name in ENTITIES.values()} | {"ipv4": "ip", "ipv6": "ip"}


class Span(NamedTuple):
    """A part of a text and what it is."""

    kind: str
    start: int
    end: int

    def touches(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, the column it stands in, and what is sensitive in it."""

    text: str
    column: str
    spans: tuple[Span, ...]
    """Of the kinds compared."""
    labels: tuple[Span, ...]
    """Of any kind: what is found in the number of a street is no false alarm."""


@dataclass(slots=True)
class Score:
    """How one finder did on one kind."""

    labelled: int = 0
    found: int = 0
    alarms: int = 0

    @property
    def recall(self) -> float:
        return self.found / self.labelled if self.labelled else 1.0

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.alarms) if self.found + self.alarms else 1.0


Find = Callable[[Labelled], Iterable[Span]]


def generated(count: int) -> Iterator[Labelled]:
    """Sentences by presidio-evaluator's generator."""
    from presidio_evaluator.data_generator import PresidioSentenceFaker

    faker = PresidioSentenceFaker("en", lower_case_ratio=LOWER_CASE_RATIO, random_seed=SEED)
    for sample in faker.generate_new_fake_sentences(count):
        labels = tuple(
            Span(ENTITIES.get(span.entity_type, ""), span.start_position, span.end_position)
            for span in sample.spans
        )
        yield Labelled(sample.full_text, "", tuple(span for span in labels if span.kind), labels)


def our_own() -> Iterator[Labelled]:
    """The labelled data of rust/mask, as far as Presidio has an entity for it."""
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        label, secret, column, text = (_unescaped(part) for part in line.split("\t"))
        kind = KINDS.get(label)
        if kind is None and label != "-":
            continue
        at = text.find(secret)
        spans = (Span(kind, at, at + len(secret)),) if kind else ()
        yield Labelled(text, column, spans, spans)


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")


def narrows() -> Find:
    """The detectors."""
    from narrows.plane import finder

    find = finder(name for name in KINDS if name != "ip")

    def found(labelled: Labelled) -> Iterator[Span]:
        encoded = labelled.text.encode()
        for name, start, end in find(labelled.text, column=labelled.column):
            before, inside = encoded[:start].decode(), encoded[start:end].decode()
            yield Span(KINDS[name], len(before), len(before) + len(inside))

    return found


def presidio() -> Find:
    """Presidio's analyzer with its recognisers for English, and a tokenizer in place of a language model."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    class Tokens(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__(ner_model_configuration=NerModelConfiguration())
            self.nlp = {"en": spacy.blank("en")}

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=Tokens(), supported_languages=["en"])

    def found(labelled: Labelled) -> Iterator[Span]:
        context = labelled.column.split("_") if labelled.column else None
        results = engine.analyze(
            labelled.text, "en", entities=list(ENTITIES), score_threshold=THRESHOLD, context=context
        )
        for result in results:
            yield Span(ENTITIES[result.entity_type], result.start, result.end)

    return found


def score(data: Iterable[Labelled], find: Find) -> dict[str, Score]:
    """How a finder does on some data, by kind."""
    scores: dict[str, Score] = defaultdict(Score)
    for labelled in data:
        found = list(find(labelled))
        for span in labelled.spans:
            one = scores[span.kind]
            one.labelled += 1
            one.found += any(it.covers(span) for it in found)
        for it in found:
            scores[it.kind].alarms += not any(it.touches(span) for span in labelled.labels)
    return scores


def table(scores: dict[str, dict[str, Score]]) -> str:
    """The scores of several finders, side by side."""
    names = list(scores)
    lines = [
        "| detector | labelled | "
        + " | ".join(f"{name}: found | alarms | precision | recall" for name in names)
        + " |",
        "|---|---|" + "---|---|---|---|" * len(names),
    ]
    for kind in dict.fromkeys(ENTITIES.values()):
        cells = [kind, str(scores[names[0]][kind].labelled)]
        for name in names:
            one = scores[name][kind]
            cells += [str(one.found), str(one.alarms), f"{one.precision:.2f}", f"{one.recall:.2f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """Prints a table for each set of texts."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument(
        "--sentences", type=int, default=SENTENCES, help=f"to generate (default: {SENTENCES})"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="where to keep the counts")
    arguments = parser.parse_args()
    logging.getLogger("tldextract").disabled = True  # it would like a newer list of domains than it brings
    finders = {"Narrows": narrows(), "Presidio": presidio()}
    kept: dict[str, Any] = {}
    for title, data in {
        "generated": list(generated(arguments.sentences)),
        "our own": list(our_own()),
    }.items():
        scores = {name: score(data, find) for name, find in finders.items()}
        print(f"\n{title}: {len(data)} texts\n\n{table(scores)}")
        kept[title] = {
            name: {
                kind: {field: getattr(one, field) for field in Score.__slots__} for kind, one in by.items()
            }
            for name, by in scores.items()
        }
    if arguments.json:
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
