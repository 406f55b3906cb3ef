"""A notebook for analysts: from a policy to a plotted comparison of plans (marimo edit compare_plans.py)."""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import marimo as mo

    mo.md(
        """
        # Compare plans

        A policy is loaded, changed twice, and solved three times. What the changes cost and whom they move is read from
        tables and drawn. The data are invented: every output of this model says so.
        """
    )
    return (mo,)


@app.cell
def _():
    from pathlib import Path

    from allocator import compare, load, solve

    here = Path(__file__).resolve()
    tutorial = next(
        folder / "models" / "tutorial" for folder in here.parents if (folder / "models" / "tutorial").is_dir()
    )
    model = load(tutorial)
    return compare, model, solve


@app.cell
def _(model, solve):
    solution = solve(model)
    assert solution.status == "optimal"  # proved: every objective and the draw
    plan = solution.allocation.frame()  # unit, program, period, amount
    plan.pivot_table(index="unit", columns=["program", "period"], values="amount", fill_value=0).astype(int)
    return plan, solution


@app.cell
def _(mo):
    mo.md(
        """
        ## What if?

        A change gives another model, checked as if it had been read from files. `compare` solves what is not solved yet.
        """
    )
    return


@app.cell
def _(compare, model):
    plans = {
        "as declared": model,
        "14 places a year": model.changed({"set": {"programs.training.quota": 14}}),
        "no goal of reach": model.with_parameters(reach_goal=0),
    }
    found = compare(list(plans.values()))
    figures = found.figures_frame()  # one row a figure, one column a plan
    moves = found.moves_frame()  # who gains, who loses: unit, program, kind, before, after, change
    moves
    return figures, found, moves, plans


@app.cell
def _(model, plans, solve):
    import pandas as pd

    places = pd.concat(
        solve(each)
        .allocation.frame()
        .query("program == 'training'")
        .groupby("unit", as_index=False)
        .amount.sum()
        .assign(plan=name)
        for name, each in plans.items()
    )
    names = {unit: text.en for unit, text in model.unit_names.items()}
    places["county"] = places.unit.map(names)
    return (places,)


@app.cell
def _(places):
    import altair as alt

    chart = (
        alt.Chart(places, title="Training places by county (invented data)")
        .mark_bar()
        .encode(
            x=alt.X("county:N", title=None, sort="-y"),
            xOffset="plan:N",
            y=alt.Y("amount:Q", title="places, both years"),
            color=alt.Color("plan:N", title="plan", scale=alt.Scale(scheme="tableau10")),
            tooltip=["county", "plan", "amount"],
        )
        .properties(width=520, height=260)
    )
    chart
    return (chart,)


if __name__ == "__main__":
    app.run()
