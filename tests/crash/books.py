"""The books after a fault: read against accounted for, what stands over there against what we believe to have made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.crash.faults import Fault
from tests.crash.stage import Stage

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
HEAD = (
    "| Fault | Struck | Read | Accounted for | Made | Twice | Lost | What the run says of it |\n"
    "|---|--:|--:|--:|--:|--:|--:|---|"
)
REFERENCES = {  # by our kind of record: the kind of thing over there, and the field that holds our reference
    "orders": ("salesorder", "customerRefNo"),
    "invoices": ("customerinvoice", "customerRefNumber"),
    "credit_notes": ("customercreditnote", "customerRefNumber"),
    "customers": ("customer", "accountReference"),
}


@dataclass(frozen=True)
class Result:
    """One line of the table. `lost` counts what was made and not noted, or noted and not made; `missing` what the run
    had to say and did not."""

    name: str
    strikes: int
    read: int
    accounted: int
    made: int
    twice: int
    lost: int
    said: tuple[str, ...]
    missing: tuple[str, ...]
    is_through: bool
    without: str
    differs: tuple[str, ...] = ()  # what is left over and where the two sides differ, for whoever mends it

    @property
    def is_good(self) -> bool:
        is_complete = self.is_through and self.strikes > 0 and self.read == self.accounted > 0
        return is_complete and not self.twice and not self.lost and not self.missing

    @property
    def verdict(self) -> str:
        """What the run says of it, or why the books are not closed."""
        if not self.is_through:
            return "DID NOT END"
        said = ", ".join(f"`{code}`" for code in self.said) or "nothing"
        return f"{said}, but not {', '.join(f'`{code}`' for code in self.missing)}" if self.missing else said

    @property
    def line(self) -> str:
        counts = f"{self.strikes} × | {self.read} | {self.accounted} | {self.made} | {self.twice} | {self.lost}"
        return f"| {title(self.name, self.without)} | {counts} | {self.verdict} |"


def title(name: str, without: str) -> str:
    """Return the first column of a line."""
    return f"{name}, without {without}" if without else name


def books(fault: Fault, stage: Stage, *, is_through: bool) -> Result:
    """Compare the tallies and the pairs with what stands in the other system."""
    from flows.models import Binding, Run, Tally

    tallies = list(Tally.objects.all())
    settled = sum(getattr(one, bucket) for one in tallies for bucket in one.BUCKETS if bucket != "waiting")
    created = {one.kind: one.created for one in tallies}
    made = {kind: _references(kind) for kind in REFERENCES}
    bound = {kind: Binding.objects.filter(kind=kind).count() for kind in REFERENCES if kind != "customers"}
    believed = {**bound, "customers": created.get("customers", 0)}  # the others were paired, not made
    for run in Run.objects.all():
        stage.said.update(entry["code"] for entry in run.held_up)
    return Result(
        fault.name,
        stage.strikes,
        read=sum(one.read for one in tallies),
        accounted=settled,
        made=sum(len(found) for found in made.values()),
        twice=sum(count - 1 for found in made.values() for count in found.values()),
        lost=sum(abs(believed[kind] - len(made[kind])) for kind in REFERENCES),
        said=tuple(sorted(stage.said)),
        missing=tuple(code for code in fault.says if code not in stage.said),
        is_through=is_through,
        without=stage.without,
        differs=(*_left_waiting(), *_different(believed, made)),
    )


def _left_waiting() -> Iterator[str]:
    from flows.models import Job, RunRecord

    for row in RunRecord.objects.filter(state=RunRecord.State.WAITING).order_by("pk"):
        yield f"{row.kind} {row.source_key}: {row.code or 'waiting'} until {row.next_at}, {row.attempts} tries"
    for job in Job.objects.order_by("pk"):
        yield f"job of run {job.run_id} until {job.next_at}"


def _different(believed: Mapping[str, int], made: Mapping[str, Counter[str]]) -> Iterator[str]:
    from flows.models import RunRecord, Tally

    for kind, found in made.items():
        if believed[kind] == len(found):
            continue
        counted = Counter[str]()
        for tally in Tally.objects.filter(kind=kind):
            counted.update({bucket: getattr(tally, bucket) for bucket in tally.BUCKETS})
        yield f"{kind}: {believed[kind]} noted, {len(found)} made; {dict(+counted)}"
        for row in RunRecord.objects.filter(kind=kind).exclude(state=RunRecord.State.CREATED):
            yield f"{row.source_key}: {row.state} {row.code} {row.target_id}; {row.tries}"


def _references(kind: str) -> Counter[str]:
    from connectors.sandbox.models import Thing

    thing, field = REFERENCES[kind]
    bodies = Thing.objects.filter(account__system="visma_net", kind=thing).values_list("body", flat=True)
    return Counter(body[field] for body in bodies if body.get(field))


def write_page(table: str, order: Sequence[str], result: Result) -> None:
    """Put one line into a table of docs/reliability.md, in its place; `order` holds the first columns of all lines."""
    begin, end = f"<!-- faults {table}: begin -->", f"<!-- faults {table}: end -->"
    before, _, rest = PAGE.read_text().partition(begin)
    old, _, after = rest.partition(end)
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in old.strip().splitlines()[2:]}
    lines[title(result.name, result.without)] = result.line
    PAGE.write_text("\n".join([before + begin, HEAD, *(lines[name] for name in order if name in lines), end]) + after)
