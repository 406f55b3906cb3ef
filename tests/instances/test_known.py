"""Every public instance has its known answer, exactly, on both solvers; the audit agrees and has no finding.

Lives here: one test over the registry, and what single instances are known for beyond an optimum.
Not here: the instances and their answers (benchmarks/instances).
"""

import json
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from benchmarks.instances import RAW, exact_shares, instances, read

from allocator.audit import audit
from allocator.cli.main import main
from allocator.load import load
from allocator.solve import solve

KNOWN = instances()
SOLVERS = ("highs", "cpsat")


def solved(instance, folder, solver="highs"):
    """The model and its solution; a solution that is not proved is a failure of its own."""
    model = load(instance.write(folder))
    found = solve(model, solver=solver)
    assert found.status in ("optimal", "infeasible")
    return model, found


def chosen(solution):
    return {award.unit for award in solution.allocation.awards}


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("name", KNOWN)
def test_the_known_answer(name, solver, tmp_path):
    instance = KNOWN[name]
    model, found = solved(instance, tmp_path, solver)
    if not instance.feasible:
        assert found.status == "infeasible"
        assert found.in_play  # it says which rules cannot hold together
        return
    values = {stage.id: stage.value for stage in found.stages}
    assert {name: values[name] for name in instance.optimum} == {name: (v,) for name, v in instance.optimum.items()}
    if instance.awards is not None:
        assert {(a.unit, a.program): a.amount for a in found.allocation.awards} == instance.awards
    recount = audit(model, found.allocation)
    assert recount.violations == ()
    assert {value.id: value.figures for value in recount.objectives} == values


def test_every_instance_says_what_is_known():
    silent = [i.name for i in KNOWN.values() if i.feasible and not i.optimum and i.awards is None]
    # Where only the rules speak, that a panel exists is what is known.
    assert [name for name in silent if not name.startswith(("opendlp-", "panel-"))] == []


@pytest.mark.parametrize(
    ("name", "panels"),
    [
        ("panel-1", [{"lisa", "scrooge"}, {"marge", "louie"}, {"marge", "dewey"}]),
        ("panel-1-homes", [{"marge", "louie"}, {"marge", "dewey"}]),  # lisa and scrooge share a home
        ("panel-3", [{"a", "b"}, {"a", "c"}, {"a", "d"}]),
    ],
)
def test_all_panels_found_one_after_the_other(name, panels, tmp_path):
    """Each panel found is ruled out by a rule of its own, until there is none."""
    found = []
    rules = list(KNOWN[name].policy["rules"])
    for number in range(len(panels) + 1):
        instance = replace(KNOWN[name], policy={**KNOWN[name].policy, "rules": rules})
        _, solution = solved(instance, tmp_path / str(number))
        if solution.status == "infeasible":
            break
        found.append(chosen(solution))
        people = ", ".join(f"'{person}'" for person in sorted(found[-1]))
        other = {"of": "panel", "where": f"unit in ({people})", "at_most": len(found[-1]) - 1}
        rules = [*rules, {"id": f"not-panel-{number}", "total": other}]
    assert sorted(map(sorted, found)) == sorted(map(sorted, panels))


def test_panel_4_has_no_panel_though_every_quota_alone_has_one(tmp_path):
    # f1, f2, f3: v1 exactly once each, two persons. a has all three, so nobody else may have one: nobody is left;
    # without a, b, c, d have one each, and two of them have two of the three.
    instance = KNOWN["panel-4"]
    for number, quota in enumerate(row["quota"] for row in instance.tables["quotas.csv"]):
        total = {**instance.policy["rules"][0]["total"], "where": f"counts.quota = '{quota}'", "by": ["counts.quota"]}
        rule = {"id": "quotas", "total": total}
        alone = replace(instance, policy={**instance.policy, "rules": [rule]})
        assert solved(alone, tmp_path / str(number))[1].status == "optimal"


def test_panel_6_never_has_the_one_who_counts_for_nothing(tmp_path):
    # v1 and v2 at least 15 on each of three attributes: pairs of blocks a + b, a + c, b + c >= 15, so a + b + c >= 23
    # (22.5), twice: all 46 places are taken, none is left for p61.
    _, found = solved(KNOWN["panel-6"], tmp_path)
    assert "p61" not in chosen(found)
    assert len(found.drawn) == 60  # and all others are equal before the draw


def test_at_least_five_changes_nothing_in_koenigstein(tmp_path):
    # 0.95331 % of 500 are 4.76655 places: Bremen's remainder is the largest there is, so it has five anyway.
    plans = [solved(KNOWN[f"koenigstein-500{name}"], tmp_path / (name or "free"))[1] for name in ("", "-five-each")]
    assert plans[0].allocation == plans[1].allocation


def test_the_most_points_of_zurich_leave_nothing_to_the_draw(tmp_path):
    # the published answer is unique (and better than what funding by points for each franc gives, 1084)
    _, found = solved(KNOWN["zurich-d10"], tmp_path)
    assert found.drawn == ()


def test_the_deviation_of_hamilton_is_the_published_one():
    # From the published seats and the plain quotas in exact fractions; published as a float. What the objective comes to is
    # another figure: states below one seat have a share of one, and the others share the rest.
    published = json.loads((RAW / "us_house_2010_other_methods.json").read_text())
    rows = read("us_house_2010.csv")
    people = {row["state"]: Fraction(row["apportionment_population"]) for row in rows}
    shares = exact_shares(people, 435, 0)
    found = sum(abs(published["hamilton"][state] - share) for state, share in shares.items())
    assert float(found) == pytest.approx(published["l1_hamilton"], rel=1e-14)
    assert KNOWN["koenigstein-500"].optimum["key"] == Fraction("3.2466")  # as published


@pytest.mark.parametrize("name", ["mknap1-2", "opendlp-7-soft", "amsterdam-179-ceilings", "uri-2020"])
def test_the_command_tells_it(name, tmp_path, monkeypatch, capsys):
    # groups that are columns of a table, families, decimals: what the screen and the run folder must bear
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    KNOWN[name].write(tmp_path / name)
    assert main(["solve", name]) == 0
    shown = capsys.readouterr().out.replace(",", "")
    for value in KNOWN[name].optimum.values():
        assert re.search(rf"\b{re.escape(f'{float(value):g}')}\b", shown)
    assert (next((tmp_path / "runs").iterdir()) / "allocation.csv").is_file()
