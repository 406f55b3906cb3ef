"""Checks the certificate of a run of allocator: one file, standard library only, no solver. `allocator-check RUN`

The claim. rows.json.xz states a problem in whole numbers: columns x (first the cells: unit, program, period) from lower to
upper, rows low <= sum of coefficient * x <= high, and the stages of the policy. No plan that keeps the rows is better in the
first stage than allocation.csv; none as good there is better in the second; and so on; of all that are equal in every stage, the
draw leaves this one. certificate.json.xz proves it:
1. Prices. For "least cost x" take any whole numbers p, one a row, and a scale s >= 0. With the reduced costs d = s * cost -
   (sum of p * row), every x that keeps rows and bounds has s * cost x = sum of p * (row x) + sum of d * x >= B, where B takes
   each row at its low side where p > 0, at its high side where p < 0, and each column at its lower bound where d > 0, at its
   upper bound where d < 0 (weak duality). cost x is whole, so B > s * (value - 1) proves cost x >= value. At s = 0 it proves
   that nothing keeps the rows (Farkas). All sums are Python's whole numbers: nothing is rounded.
2. Splits. Where prices are not enough, a column is <= k or >= k + 1, each with a proof; or a cost is proved in parts.
3. The chain. The plan has the value that is proved to be least, so those left have cost x <= value: a row of all later stages.
   One unit away from its bound, a column costs |d|, a row |p|: those with more than the gap s * value - B stay (complementary
   slackness). Where something may be given up, the row allows that, and the witness shows that the value exists.
4. Shares. Places go one by one to the group whose next place ranks highest (by weight / d(k); for the largest remainder, by what
   it brings nearer to the exact share); ranks fall from place to place. Where a whole has so many places in every plan left,
   none is better than one where no group would rather have a place that ranks above a margin than another group one that ranks
   below, groups apart that can have no more or no less. Best plans differ only at the margin.
5. The end. Claims "no plan left has more (or less) in these cells" fix the cells in which all plans left are alike; of cells at
   their bounds, one claim about their sum says it. The others are drawn: in the order of SHA-256("seed|unit|program|period")
   each gets the most that those before it leave. When all cells are fixed, one plan is left.
Not covered: that the rows, and others that an objective states for itself (they are counted), are the policy: see audit.json.
Exit codes: 0 all proved; 1 something is wrong; 2 the files cannot be read; 3 nothing is wrong, but not all is proved.
"""

import csv
import hashlib
import io
import json
import lzma
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

ROWS, CERTIFICATE, PLAN = "rows.json.xz", "certificate.json.xz", "allocation.csv"


class Wrong(Exception): ...


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
        names = (ROWS, CERTIFICATE, PLAN)[: 3 if run["status"] == "optimal" else 2]
        files = {name: (folder / name).read_bytes() for name in names}
        # At most so many bytes; whole numbers only.
        texts = (lzma.LZMADecompressor().decompress(files[name], 2_000_000_000) for name in names[:2])
        told, self.proofs = (json.loads(text, parse_float=int, parse_constant=int) for text in texts)
        for name, found in ((name, hashlib.sha256(data).hexdigest()) for name, data in files.items()):
            if found != run["files"].get(name) or found != self.proofs["of"].get(name, found):
                raise Wrong(f"{name} is not the file that run.json and the certificate name")
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

    def plan(self, told: Any, data: bytes) -> None:  # x: allocation.csv, then the columns that the certificate tells
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

    def join(self, blocks: Any) -> None:  # rows that a stage adds, with columns of their own
        for block in blocks:
            self.upper += block["helpers"]
            self.lower += [0] * len(block["helpers"])
            for row in block["rows"]:
                self.add(*row[1:])

    def keeps(self, x: list[int], what: str) -> None:
        bounds = [[*ends, [c], [1]] for c, ends in enumerate(zip(self.lower, self.upper, strict=True))]
        for r, (low, high, columns, values) in enumerate([*self.rows, *bounds]):
            sum_ = sum(v * x[c] for c, v in zip(columns, values, strict=True))
            if (low is not None and sum_ < low) or (high is not None and sum_ > high):
                raise Wrong(f"{what} breaks row {r} (bounds of columns come last): {sum_} is not from {low} to {high}")

    def bound(self, cost: dict[int, int], leaf: Any) -> tuple[int, dict[int, int]]:  # B, d
        least, reduced = 0, {c: leaf["scale"] * k for c, k in cost.items()}
        for r, p in zip(leaf["rows"], leaf["prices"], strict=True):
            low, high, columns, values = self.rows[r]
            side = low if p > 0 else high
            if side is None:
                raise Wrong(f"a price on a side of row {r} that has no limit")
            least += p * side
            for c, v in zip(columns, values, strict=True):
                reduced[c] = reduced.get(c, 0) - p * v
        return least + sum(d * (self.lower[c] if d > 0 else self.upper[c]) for c, d in reduced.items()), reduced

    def prove(self, cost: dict[int, int], value: int, tree: Any, what: str) -> None:  # that no x has cost x < value
        if "split" in tree:
            c, at = tree["split"]
            low, high = self.lower[c], self.upper[c]
            for side, self.lower[c], self.upper[c] in (("less", low, min(at, high)), ("more", max(at + 1, low), high)):
                if self.lower[c] <= self.upper[c]:
                    self.prove(cost, value, tree[side], what)
            self.lower[c], self.upper[c] = low, high
        elif tree["scale"] < 0 or self.bound(cost, tree)[0] <= tree["scale"] * (value - 1):
            raise Wrong(f"{what}: the prices do not prove the value {value}")

    def least(self, cost: dict[int, int], proof: Any, what: str, value: int | None = None) -> bool:
        """Counts a claim (value None: that of the plan); whether it is proved. Raises Wrong where what is there proves less."""
        self.claims += 1
        value = sum(k * self.x[c] for c, k in cost.items()) if value is None else value
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
        self.proved += "gap" not in proof
        return "gap" not in proof

    def narrow(self, cost: dict[int, int], value: int, leaf: Any) -> None:  # what prices fix: complementary slackness
        least, reduced = self.bound(cost, leaf)
        gap = leaf["scale"] * value - least
        for r, p in zip(leaf["rows"], leaf["prices"], strict=True):
            if abs(p) > gap:
                self.rows[r][:2] = [self.rows[r][0 if p > 0 else 1]] * 2
        for c, d in reduced.items():
            if abs(d) > gap:
                self.lower[c] = self.upper[c] = self.lower[c] if d > 0 else self.upper[c]

    def follow(self) -> None:  # bounds of columns that follow from single rows, until none does (or 50 times)
        before, left = None, 50
        while left and before != (self.lower, self.upper):
            before, left = (self.lower[:], self.upper[:]), left - 1
            for low, high, columns, values in self.rows:
                for sign, side in ((1, high), (-1, low)):  # sign * row <= sign * side
                    signed = [(c, sign * v) for c, v in zip(columns, values, strict=True)] if side is not None else []
                    least = [v * (self.lower if v > 0 else self.upper)[c] for c, v in signed]
                    room = sign * (side or 0) - sum(least)
                    for (c, v), own in zip(signed, least, strict=True):  # a column has all that the others leave
                        if v > 0:
                            self.upper[c] = min(self.upper[c], (room + own) // v)
                        elif v < 0:
                            self.lower[c] = max(self.lower[c], -((room + own) // -v))

    def stages(self, stages: Any) -> None:
        for stage, proofs in zip(stages, self.proofs["stages"], strict=True):
            name, before = stage["objective"], (self.claims, self.stated)
            for step, proof in zip(stage["steps"], proofs, strict=True):
                if "require" in step:
                    if proof is None:
                        self.stated += sum(len(block["rows"]) for block in step["require"])
                    else:
                        self.shares(step["shares"], step["require"][0]["rows"], proof, name)
                    self.join(step["require"])
                elif "impossible" in step:
                    self.none(step["impossible"], proof, f"{name}: that more is impossible")
                else:
                    self.stage(step, proof, name)
            self.lines.append(f"{name}: {self.claims - before[0]} claims, {self.stated - before[1]} rows of its own")
        self.keeps(self.x, "the plan")

    def none(self, blocks: Any, proof: Any, what: str) -> None:  # nothing keeps these rows as well
        columns, rows = len(self.lower), len(self.rows)
        self.join(blocks)
        self.least({}, proof or {"gap": None}, what, 1)  # 0 >= 1 holds only where nothing does
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
        if self.least(cost, proof, name, value) and not give and "scale" in leaf:
            self.narrow(cost, value, leaf)
        self.add(None, value + give, list(cost), list(cost.values()))

    def shares(self, out: Any, rows: Any, proof: Any, name: str) -> None:
        """Rows that share places out keep every best plan (4): those of the groups, then those of wholes."""
        sums, n = [dict(zip(*row[3:], strict=True)) for row in rows], len(out["weights"])
        made = [sum(v * self.x[c] for c, v in sum_.items()) for sum_ in sums]
        for g, sign, claim in proof["ends"]:
            self.least({c: -sign * v for c, v in sums[g].items()}, claim, f"{name}: group {g}")
        ends, none = {(g, sign) for g, sign, _ in proof["ends"]}, {"rows": (), "prices": (), "scale": 1}
        totals = [{c: v for g in whole for c, v in sums[g].items()} for whole in out["wholes"]]
        shared = zip(out["wholes"], totals, proof["margins"], proof["totals"], strict=True)
        for whole, total, (first, *by), both in shared:
            for sign, claim in zip((1, -1), both, strict=True):
                self.least({c: sign * v for c, v in total.items()}, claim, f"{name}: a whole")
            for g in whole:
                last, next_ = (rank(out["method"], Fraction(*out["weights"][g]), made[g] + k) for k in (0, 1))
                more, margin = (g, 1) not in ends, (first, Fraction(*by))
                less = (g, -1) not in ends and self.bound(sums[g], none)[0] < made[g]  # by the bounds of its cells
                low, high = made[g] - (less and last == margin), made[g] + (more and next_ == margin)
                if (less and last < margin) or (more and next_ > margin) or not rows[g][1] <= low <= high <= rows[g][2]:
                    raise Wrong(f"{name}: group {g} may rather have another number of places")
        parted = sorted(g for whole in out["wholes"] for g in whole) == list(range(n))
        if not parted or sum(map(len, totals)) != sum(map(len, sums[:n])) or any(one not in totals for one in sums[n:]):
            raise Wrong(f"{name}: a group that is in no whole, or shares a cell; or a row of no whole")

    def end(self, seed: int | None, names: list[tuple[str, str, int]]) -> None:  # what no stage decides
        if seed is None:
            self.lines.append("This is one of the best plans: the policy makes no draw.")
            return
        self.follow()
        drawn: list[int] = self.proofs["drawn"]
        for claim in self.proofs["alike"]:
            self.fix(claim, "that all plans left are alike in some cells")
        told = [tuple(cell) for cell in self.run["draw"]["cells"]]
        plain = {name: name.replace("\\", "\\\\").replace("|", "\\|") for cell in told for name in cell[:2]}
        tickets = {cell: f"{seed}|{plain[cell[0]]}|{plain[cell[1]]}|{cell[2]}".encode() for cell in told}
        if [names[c] for c in drawn] != sorted(told, key=lambda cell: hashlib.sha256(tickets[cell]).hexdigest()):
            raise Wrong("other cells were drawn, or in another order")
        claims = iter(self.proofs["draw"])
        for c in drawn:
            if self.x[c] < self.upper[c]:  # who has the most that is left needs no claim
                claim = next(claims, {"cells": (), "signs": ()})
                if c not in claim["cells"] or set(claim["signs"]) != {1}:
                    raise Wrong(f"the draw decides {names[c]} out of its order")
                self.fix(claim, "that the draw gives its cells no more")
            self.lower[c] = self.x[c]
        for c, name in enumerate(names):
            if self.lower[c] < self.upper[c]:
                raise Wrong(f"it is left open what {name} gets: from {self.lower[c]} to {self.upper[c]}")
        public, by = self.run["draw"].get("public"), "chosen by the author of the model"
        if public:  # made after RFC 3797 of a model that was fixed before the numbers were known
            numbers = sorted(map(int, re.findall(r"\d+", public["numbers"])))
            by = "|".join([public["commitment"], ".".join(map(str, numbers))])
            if int(hashlib.sha256(by.encode()).hexdigest()[:12], 16) != seed:
                raise Wrong(f"the seed is not made of {by}")
        self.lines.append(f"the draw: {len(drawn)} cells by seed {seed}, {'made of ' * bool(public)}{by}")

    def fix(self, claim: Any, what: str) -> None:
        pairs = list(zip(claim["cells"], claim["signs"], strict=True))
        if len(pairs) > 1 and any(self.x[c] != (self.lower if sign > 0 else self.upper)[c] for c, sign in pairs):
            raise Wrong(f"{what}: one of the cells {claim['cells']} is not at its bound")
        self.least({c: -1 if sign > 0 else 1 for c, sign in pairs}, claim, what)
        for c, sign in pairs:
            (self.upper if sign > 0 else self.lower)[c] = self.x[c]


def rank(method: str, w: Fraction, k: int) -> tuple[int, Fraction]:  # of a k-th place; squared: all are fractions
    if method == "largest_remainder":  # w: the exact share
        return 0, abs(k - 1 - w) - abs(k - w)
    less = {"webster": Fraction(1, 2), "jefferson": Fraction(0), "adams": Fraction(1)}
    d = Fraction(k * (k - 1)) if method == "huntington_hill" else (k - less[method]) ** 2
    return (0, w * w / d) if d else (1, w * w)


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.stdout.write(__doc__ or "")
        return 0 if len(sys.argv) == 2 else 2
    try:
        check = Check(Path(sys.argv[1]))
    except Exception as why:
        found = f"不成立: {why}" if isinstance(why, Wrong) else f"无法核对: files missing or in another form: {why!r}"
        sys.stdout.write(f"REFUSED {found}\n")
        return 1 if isinstance(why, Wrong) else 2
    told = [*check.lines, f"{check.proved} of {check.claims} claims proved; objectives state {check.stated} rows."]
    told += ["Not covered: that the rows are the policy (audit.json). 未核对：约束行是否即政策条文（见 audit.json）。"]
    told += [
        "CERTIFIED 成立"
        if check.proved == check.claims
        else "NOT CERTIFIED 未全部证明: nothing is wrong, but not all is proved."
    ]
    sys.stdout.write("\n".join(told) + "\n")
    return 0 if check.proved == check.claims else 3


if __name__ == "__main__":
    sys.exit(main())
