"""How well sentences without support are told from those with it: python -m benchmarks.support [--wrong]

The labelled claims of ``tests/rag/support_claims.json``, each beside its passage: paraphrases, which are supported, and
claims with a changed number or name, a negation, an opposite, swapped roles, or invented. The weights of words are
those of an index of the passages.
"""

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.scratch"
    os.environ["MODEL_DIR"] = os.environ.get("MODEL_DIR", str(Path(__file__).parent.parent / "var" / "models"))
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="support-")

    import django

    django.setup()

from django.core.management import call_command

from rag.boundaries import lexical_index, support_checker
from rag.lexical.records import LexicalRecord
from rag.support.base import Claim, Verdict

CLAIMS = Path(__file__).parent.parent / "tests" / "rag" / "support_claims.json"


class Judged(NamedTuple):
    part: str
    text: str
    supported: bool
    """As labelled."""
    kind: str
    verdict: Verdict

    @property
    def outcome(self) -> str:
        """Of flagging what is not supported: tp, fp, fn or tn."""
        right = self.supported == self.verdict.supported
        return ("t" if right else "f") + ("n" if self.verdict.supported else "p")


def judge() -> list[Judged]:
    """Every claim with the verdict of the checker in use. Puts the passages into the index."""
    rows = json.loads(CLAIMS.read_text(encoding="utf-8"))
    lexical_index().upsert(
        [LexicalRecord(f"{place}", f"{row['title']}\n{row['text']}", "c", "") for place, row in enumerate(rows)]
    )
    labelled = [(row, *claim) for row in rows for claim in row["claims"]]
    claims = [Claim(text, [f"{row['title']}\n\n{row['text']}"]) for row, text, _, _ in labelled]
    verdicts = support_checker().check(claims, timeout=60)
    return [
        Judged(row["part"], text, supported, kind, verdict)
        for (row, text, supported, kind), verdict in zip(labelled, verdicts, strict=True)
    ]


def precision_recall(judged: Sequence[Judged]) -> tuple[float, float]:
    counts = Counter(one.outcome for one in judged)
    return counts["tp"] / ((counts["tp"] + counts["fp"]) or 1), counts["tp"] / ((counts["tp"] + counts["fn"]) or 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--wrong", action="store_true", help="Print the claims that are judged wrongly.")
    wrong = parser.parse_args().wrong
    call_command("migrate", verbosity=0)
    judged = judge()
    for part in (*dict.fromkeys(one.part for one in judged), "all"):
        rows = [one for one in judged if part in (one.part, "all")]
        precision, recall = precision_recall(rows)
        print(f"{part:8} {len(rows):4} claims  precision {precision:.3f}  recall {recall:.3f}")  # noqa: T201
    for kind in dict.fromkeys(one.kind for one in judged):
        rows = [one for one in judged if one.kind == kind]
        right = sum(one.outcome[0] == "t" for one in rows)
        print(f"{kind:12} {right} of {len(rows)} judged right")  # noqa: T201
    for one in judged if wrong else ():
        if one.outcome[0] == "f":
            print(f"{one.outcome} {one.kind:12} {one.verdict.score:.2f} {one.verdict.reason:9} {one.text}")  # noqa: T201


if __name__ == "__main__":
    main()
