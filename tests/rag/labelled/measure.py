"""``python -m tests.rag.labelled.measure``: precision and recall on both halves."""

from collections import Counter
from collections.abc import Sequence

from rag.privacy.findings import Finding, Kind, find
from tests.rag.labelled import kept, labelled, tuned


def counts(
    sentences: Sequence[tuple[str, list[Finding]]],
) -> tuple[Counter[Kind], Counter[Kind], Counter[Kind], list[str]]:
    """By kind: wholly covered, wanted, found though nothing of it was wanted; and a line for each mistake."""
    hit, wanted, wrong, lines = Counter[Kind](), Counter[Kind](), Counter[Kind](), list[str]()
    for text, expected in sentences:
        found = find(text)
        for want in expected:
            wanted[want.kind] += 1
            covered = any(f.start <= want.start and want.end <= f.end for f in found)
            hit[want.kind] += covered
            if not covered:
                lines.append(f"missed {want.kind}: {text!r}")
        for finding in found:
            if not any(finding.start < want.end and want.start < finding.end for want in expected):
                wrong[finding.kind] += 1
                lines.append(f"wrong {finding.kind}: {text[finding.start : finding.end]!r} in {text!r}")
    return hit, wanted, wrong, lines


if __name__ == "__main__":
    for name, half in (("tuned", tuned), ("kept", kept)):
        sentences = labelled(half.FINDINGS) + labelled(half.LOOK_ALIKES)
        hit, wanted, wrong, lines = counts(sentences)
        found = hit.total() + wrong.total()
        figures = f"recall {hit.total()}/{wanted.total()}, precision {hit.total()}/{found}"
        print(f"{name}: {len(sentences)} strings, {figures}")  # noqa: T201
        print("  " + ", ".join(f"{kind} {hit[kind]}/{wanted[kind]} -{wrong[kind]}" for kind in Kind))  # noqa: T201
        print("\n".join(f"  {line}" for line in lines))  # noqa: T201
