"""Checks the certificate of a run of allocator: one file, standard library only, no solver. `allocator-check RUN`

The claim. rows.json.xz states a problem in whole numbers: columns x (first the cells: unit, program, period) from lower to
upper, rows low <= sum of coefficient * x <= high, and the stages of the policy. No plan that keeps the rows is better in the
first stage than allocation.csv; none as good there is better in the second; and so on; of all that are equal in every stage, the
draw leaves this one. certificate.json.xz proves it:

1. Prices. For "least cost x" take any whole numbers p, one a row, and a scale s > 0. With the reduced costs
   d = s * cost - (sum of p * row), every x that keeps rows and bounds has
       s * cost x = sum of p * (row x) + sum of d * x >= B,
   where B takes each row at its low side where p > 0, at its high side where p < 0, and each column at its lower bound where
   d > 0, at its upper bound where d < 0 (weak duality). cost x is whole, so B > s * (value - 1) proves cost x >= value. At
   cost 0, B > 0 proves that nothing keeps the rows (Farkas). All sums are Python's whole numbers: nothing is rounded.
2. Splits. Where prices are not enough, a column is <= k or >= k + 1, and each side has a proof of its own. A cost may be
   proved in parts: the least of a sum is at least the sum of what its parts are at least.
3. The chain. The plan has the value that is proved to be least, so those left have cost x <= value: a row of all later stages.
   Complementary slackness: one unit away from its bound, a column costs |d|, a row |p|; those with more than the gap
   s * value - B stay there. Where a stage may give something up, the row allows that, and another plan, the witness, shows
   that the value can be reached.
4. The end. Claims "no plan left has more (or less) in these cells" fix the cells in which all plans left are alike; of cells at
   their bounds, one claim about their sum says it. The others are drawn: in the order of SHA-256("seed|unit|program|period")
   each gets the most that those before it leave. When all cells are fixed, one plan is left.

Not covered: that the rows, and those that an objective states for itself (they are counted), are the policy: see audit.json.

Exit codes: 0 all proved; 1 something is wrong; 2 the files cannot be read; 3 nothing is wrong, but not all is proved.
"""

import csv
import hashlib
import io
import json
import lzma
import sys
from pathlib import Path
from typing import Any

ROWS, CERTIFICATE, PLAN = "rows.json.xz", "certificate.json.xz", "allocation.csv"


class Wrong(Exception):
    """What is wrong."""


class Check:
    """One run. `lower`, `upper`, `rows` are what every plan left keeps; `x` is the plan; `lines` is what is told."""

    def __init__(self, folder: Path) -> None:
        self.lines, self.rows = list[str](), list[list[Any]]()
        self.claims = self.proved = self.stated = 0
        self.run = run = json.loads((folder / "run.json").read_bytes())
        bare = {key: value for key, value in run.items() if key != "seal"}
        text = json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != run.get("seal"):
            raise Wrong("run.json is not as it was written: its seal does not fit")
        if run["status"] not in ("optimal", "infeasible") or CERTIFICATE not in run["files"]:
            raise Wrong(f"the run holds no certificate (its status: {run['status']})")
        names = (ROWS, CERTIFICATE, PLAN) if run["status"] == "optimal" else (ROWS, CERTIFICATE)
        files = {name: (folder / name).read_bytes() for name in names}
        told, self.proofs = unpacked(files[ROWS]), unpacked(files[CERTIFICATE])
        for name, data in files.items():
            found = hashlib.sha256(data).hexdigest()
            if found != run["files"].get(name):
                raise Wrong(f"{name} is not the file that run.json names")
            if name != CERTIFICATE and found != self.proofs["of"].get(name):
                raise Wrong(f"the certificate is that of another {name}")
        self.lower = [cell[3] for cell in told["cells"]] + [column[1] for column in told["columns"]]
        self.upper = [cell[4] for cell in told["cells"]] + [column[2] for column in told["columns"]]
        for row in told["rows"]:
            self.add(*row[2:])
        if PLAN in files:
            self.plan(told, files[PLAN])
            self.stages(told["stages"])
            self.end(told["seed"], [tuple(cell[:3]) for cell in told["cells"]])
        else:
            self.none([], self.proofs["impossible"], "that there is no plan")

    def plan(self, told: Any, data: bytes) -> None:
        """x: the amounts of allocation.csv, then the columns that the certificate tells."""
        cells = {(unit, program, str(period)): c for c, (unit, program, period, _, _) in enumerate(told["cells"])}
        self.x = [0] * len(cells) + self.proofs["columns"]
        for line in csv.DictReader(io.StringIO(data.decode(), newline="")):
            named = line["unit"], line["program"], line["period"]
            if named not in cells:
                raise Wrong(f"an award without a cell, or the second one of its cell: {', '.join(named)}")
            self.x[cells.pop(named)] = int(line["amount"])

    def add(self, low: int | None, high: int | None, columns: list[int], values: list[int]) -> None:
        if not all(0 <= c < len(self.lower) for c in columns):
            raise Wrong(f"row {len(self.rows)} has columns that are not there")
        self.rows.append([low, high, columns, values])

    def join(self, blocks: Any) -> None:
        """Rows that a stage adds, with columns of their own."""
        for block in blocks:
            self.upper += block["helpers"]
            self.lower += [0] * len(block["helpers"])
            for row in block["rows"]:
                self.add(*row[1:])

    def keeps(self, x: list[int], what: str) -> None:
        bounds = [[*bounds, [c], [1]] for c, bounds in enumerate(zip(self.lower, self.upper, strict=True))]
        for r, (low, high, columns, values) in enumerate([*self.rows, *bounds]):
            sum_ = sum(v * x[c] for c, v in zip(columns, values, strict=True))
            if (low is not None and sum_ < low) or (high is not None and sum_ > high):
                name = f"row {r}" if r < len(self.rows) else f"the bounds of column {columns[0]}"
                raise Wrong(f"{what} breaks {name}: {sum_} is not from {low} to {high}")

    def bound(self, cost: dict[int, int], leaf: Any) -> tuple[int, dict[int, int]]:
        """B and the reduced costs."""
        least, reduced = 0, {c: leaf["scale"] * k for c, k in cost.items()}
        if leaf["scale"] < 1:
            raise Wrong("a scale below 1")
        for r, p in zip(leaf["rows"], leaf["prices"], strict=True):
            low, high, columns, values = self.rows[r]
            side = low if p > 0 else high
            if side is None:
                raise Wrong(f"a price on a side of row {r} that has no limit")
            least += p * side
            for c, v in zip(columns, values, strict=True):
                reduced[c] = reduced.get(c, 0) - p * v
        return least + sum(d * (self.lower[c] if d > 0 else self.upper[c]) for c, d in reduced.items()), reduced

    def prove(self, cost: dict[int, int], value: int, tree: Any, what: str) -> None:
        """Raises Wrong unless the tree proves that no x has cost x < value."""
        if "split" in tree:
            c, at = tree["split"]
            low, high = self.lower[c], self.upper[c]
            for side, self.lower[c], self.upper[c] in (("less", low, min(at, high)), ("more", max(at + 1, low), high)):
                if self.lower[c] <= self.upper[c]:
                    self.prove(cost, value, tree[side], what)
            self.lower[c], self.upper[c] = low, high
        elif "alone" in tree:
            if self.bound({}, tree)[0] <= 0:
                raise Wrong(f"{what}: the prices do not prove that nothing keeps the rows")
        elif self.bound(cost, tree)[0] <= tree["scale"] * (value - 1):
            raise Wrong(f"{what}: the prices do not prove the value {value}")

    def least(self, cost: dict[int, int], value: int, proof: Any, what: str) -> bool:
        """Counts a claim; whether it is proved. Raises Wrong where what is there proves less."""
        self.claims += 1
        if "by" in proof:
            self.prove(cost, value, proof["by"], what)
        elif "parts" in proof:
            left = dict(cost)
            for columns, part, tree in proof["parts"]:
                self.prove({c: left.pop(c) for c in columns}, part, tree, what)
            rest = sum(k * (self.lower[c] if k > 0 else self.upper[c]) for c, k in left.items())
            if sum(part for _, part, _ in proof["parts"]) + rest < value:
                raise Wrong(f"{what}: the parts do not come to {value}")
        else:
            self.lines.append(f"not certified: {what}; gap {proof['gap']}")
            return False
        self.proved += 1
        return True

    def narrow(self, cost: dict[int, int], value: int, leaf: Any) -> None:
        """What the prices of a proved value fix: complementary slackness."""
        least, reduced = self.bound(cost, leaf)
        gap = leaf["scale"] * value - least
        for r, p in zip(leaf["rows"], leaf["prices"], strict=True):
            if abs(p) > gap:
                self.rows[r][:2] = [self.rows[r][0 if p > 0 else 1]] * 2
        for c, d in reduced.items():
            if abs(d) > gap:
                self.lower[c] = self.upper[c] = self.lower[c] if d > 0 else self.upper[c]

    def follow(self) -> None:
        """Bounds of columns that follow from single rows, until none does (or 50 times)."""
        for _ in range(50):
            before = self.lower[:], self.upper[:]
            for low, high, columns, values in self.rows:
                ends = [sorted((v * self.lower[c], v * self.upper[c])) for c, v in zip(columns, values, strict=True)]
                least, most = sum(end[0] for end in ends), sum(end[1] for end in ends)
                for c, v, end in zip(columns, values, ends, strict=True):
                    if high is not None:  # less what the other columns are at least
                        self.tighten(c, v, high - least + end[0])
                    if low is not None:
                        self.tighten(c, -v, most - end[1] - low)
            if before == (self.lower, self.upper):
                return

    def tighten(self, c: int, v: int, most: int) -> None:  # v * x <= most
        if v > 0:
            self.upper[c] = min(self.upper[c], most // v)
        else:
            self.lower[c] = max(self.lower[c], -(most // -v))

    def stages(self, stages: Any) -> None:
        for stage, proofs in zip(stages, self.proofs["stages"], strict=True):
            name, before = stage["objective"], (self.claims, self.stated)
            for step, proof in zip(stage["steps"], proofs, strict=True):
                if "require" in step:
                    self.join(step["require"])
                    self.stated += sum(len(block["rows"]) for block in step["require"])
                elif "impossible" in step:
                    self.none(step["impossible"], proof, f"{name}: that more is impossible")
                else:
                    self.stage(step, proof, name)
            self.lines.append(f"{name}: {self.claims - before[0]} claims, {self.stated - before[1]} rows of its own")
        self.keeps(self.x, "the plan")

    def none(self, blocks: Any, proof: Any, what: str) -> None:
        """That nothing keeps these rows as well."""
        columns, rows = len(self.lower), len(self.rows)
        self.join(blocks)
        self.least({}, 1, proof or {"gap": None}, what)  # 0 >= 1 holds only where nothing does
        del self.lower[columns:], self.upper[columns:], self.rows[rows:]

    def stage(self, step: Any, proof: Any, name: str) -> None:
        self.join(step["under"])
        cost, value, give = dict(zip(*step["least"], strict=True)), proof["value"], step["give"]
        x = proof["witness"] if give else self.x
        if give:
            self.keeps(x, f"{name}: the witness")
        if give < 0 or sum(k * x[c] for c, k in cost.items()) != value:
            raise Wrong(f"{name}: the plan does not come to {value}")
        leaf = proof.get("by", {})
        if self.least(cost, value, proof, name) and not give and "scale" in leaf:
            self.narrow(cost, value, leaf)
        self.add(None, value + give, list(cost), list(cost.values()))

    def end(self, seed: int | None, names: list[tuple[str, str, int]]) -> None:
        """The cells that no stage decides: those that are alike in all plans left, then the draw in its order."""
        if seed is None:
            self.lines.append("This is one of the best plans: the policy makes no draw.")
            return
        self.follow()
        self.keeps(self.x, "the plan, at the end,")
        drawn: list[int] = self.proofs["drawn"]
        for claim in self.proofs["alike"]:
            self.fix(claim, "that all plans left are alike in some cells")
        told = [tuple(cell) for cell in self.run["draw"]["cells"]]
        if [names[c] for c in drawn] != sorted(told, key=lambda cell: ticket(seed, *cell)):
            raise Wrong("other cells were drawn, or in another order")
        queue = drawn[::-1]
        for claim in self.proofs["draw"]:
            self.rise(queue)
            for place, c in enumerate(claim["cells"]):
                while place and queue and self.lower[queue[-1]] == self.upper[queue[-1]]:
                    queue.pop()
                if not queue or queue.pop() != c or claim["signs"][place] != 1:
                    raise Wrong(f"the draw decides {names[c]} out of its order")
            self.fix(claim, "that the draw gives its cells no more")
            for c in claim["cells"]:
                self.lower[c] = self.x[c]
        self.rise(queue)
        for c, name in enumerate(names):
            if self.lower[c] < self.upper[c]:
                raise Wrong(f"it is left open what {name} gets: from {self.lower[c]} to {self.upper[c]}")
        self.lines.append(f"the draw: {len(drawn)} cells by seed {seed}")

    def rise(self, queue: list[int]) -> None:
        """Cells that have the most that is left to them need no claim."""
        while queue and self.upper[queue[-1]] == self.x[queue[-1]]:
            self.lower[queue[-1]] = self.x[queue[-1]]
            queue.pop()

    def fix(self, claim: Any, what: str) -> None:
        pairs = list(zip(claim["cells"], claim["signs"], strict=True))
        if len(pairs) > 1 and any(self.x[c] != (self.lower if sign > 0 else self.upper)[c] for c, sign in pairs):
            raise Wrong(f"{what}: one of the cells {claim['cells']} is not at its bound")
        cost = {c: -1 if sign > 0 else 1 for c, sign in pairs}
        self.least(cost, sum(k * self.x[c] for c, k in cost.items()), claim, what)
        for c, sign in pairs:
            (self.upper if sign > 0 else self.lower)[c] = self.x[c]


def unpacked(data: bytes) -> Any:
    text = lzma.LZMADecompressor().decompress(data, 2_000_000_000)  # bytes at most
    return json.loads(text, parse_float=int, parse_constant=int)  # int refuses what is not whole


def ticket(seed: int, unit: str, program: str, period: int) -> str:
    ids = "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in (unit, program))
    return hashlib.sha256(f"{seed}|{ids}|{period}".encode()).hexdigest()


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.stdout.write(__doc__ or "")
        return 0 if len(sys.argv) == 2 else 2
    try:
        check = Check(Path(sys.argv[1]))
    except Wrong as wrong:
        sys.stdout.write(f"REFUSED 不成立: {wrong}\n")
        return 1
    except Exception as why:
        sys.stdout.write(f"REFUSED 无法核对: a file is missing or has another form: {why!r}\n")
        return 2
    done = check.proved == check.claims
    told = f"{check.proved} of {check.claims} claims proved; objectives state {check.stated} rows.\n"
    told += "Not covered: that the rows are the policy (audit.json). 未核对：约束行是否即政策条文（见 audit.json）。\n"
    told += "CERTIFIED 成立\n" if done else "NOT CERTIFIED 未全部证明: nothing is wrong, but not all is proved.\n"
    sys.stdout.write("".join([*(f"{line}\n" for line in check.lines), told]))
    return 0 if done else 3


if __name__ == "__main__":
    sys.exit(main())
