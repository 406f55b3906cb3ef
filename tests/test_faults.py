"""Faults: places, one line each in both languages, order, cuts, the nearest name."""

import pickle

import pytest

from allocator.faults import Fault, InputError, Place, SheetFile, column_letters, nearest, render, render_all


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("model.yaml"), "model.yaml"),
        (Place("model.yaml", line=41), "model.yaml:41"),
        (Place("model.yaml", line=41, column=16), "model.yaml:41:16"),
        (Place("reviews.csv", row=17), "reviews.csv:17"),
        (Place("reviews.csv", row=17, field="score"), 'reviews.csv:17 column "score"'),
        (Place("reviews.csv", field="score"), 'reviews.csv column "score"'),
    ],
)
def test_a_place_reads_as_editors_write_it(place, text):
    assert str(place) == text


@pytest.mark.parametrize(
    ("place", "cell", "text"),
    [
        ({"row": 5, "field": "score"}, "D5", "book.xlsx Reviews!D5"),
        ({"line": 5, "column": 28}, "AB5", "book.xlsx Reviews!AB5"),
        ({"row": 5}, "A5", "book.xlsx Reviews row 5"),
        ({"row": 1, "field": "points"}, "A1", 'book.xlsx Reviews row 1 column "points"'),
        ({}, None, "book.xlsx Reviews"),
    ],
)
def test_a_place_in_a_workbook_is_a_cell(place, cell, text):
    file = SheetFile.of("reviews.csv", "book.xlsx", "Reviews", {"score": "D"})
    found = Place(file, **place)
    assert (found.sheet, found.cell, str(found)) == ("Reviews", cell, text)
    assert pickle.loads(pickle.dumps(found)) == found and str(pickle.loads(pickle.dumps(found))) == text


def test_the_same_cell_of_two_sheets_is_two_places():
    one, other = (Place(SheetFile.of("book.xlsx", "book.xlsx", sheet), line=5, column=4) for sheet in ("A", "B"))
    assert one != other and one.file == other.file


def test_columns_have_the_letters_of_a_spreadsheet():
    assert [column_letters(number) for number in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_a_fault_is_one_line_in_both_languages():
    fault = Fault("missing-file", Place("model.yaml", 3, 9), {"file": "citys.csv"}, nearest="cities.csv")
    assert (
        render(fault, "en") == 'model.yaml:3:9 missing-file: there is no file "citys.csv"; did you mean "cities.csv"?'
    )
    assert render(fault, "zh") == "model.yaml:3:9 missing-file：没有文件“citys.csv”；是否想写“cities.csv”？"


def test_found_and_expected_are_told_once():
    named = Fault("ragged-row", Place("a.csv", row=5), found=1, expected=7)
    assert render(named, "en") == "a.csv:5 ragged-row: 1 cell, where the header has 7"
    added = Fault("empty-file", Place("a.csv"), found="nothing", expected=["a", "b"])
    assert render(added, "en") == "a.csv empty-file: the file is empty; found nothing; expected a and b"


def test_a_parameter_with_line_breaks_stays_on_one_line():
    fault = Fault("missing-file", Place("m.yaml"), {"file": "a\nb"})
    assert render(fault, "en").count("\n") == 0


def test_an_input_error_holds_each_fault_once_in_the_order_of_the_files():
    def fault(**place):
        return Fault("empty-file", Place(**place))

    late, early, other = fault(file="m.yaml", line=10), fault(file="m.yaml", line=9, column=80), fault(file="a.csv")
    again = fault(file="m.yaml", line=10)
    assert InputError([late, early, other, again]).faults == (other, early, late)


def test_equal_places_with_other_words_are_two_faults():
    two = [Fault("missing-file", Place("m.yaml", 1, 1), {"file": name}) for name in ("a", "b")]
    assert len(InputError(two).faults) == 2


def test_an_input_error_without_a_fault_is_a_defect():
    with pytest.raises(ValueError):
        InputError([])


def test_long_lists_are_cut_and_counted():
    faults = [Fault("empty-file", Place(f"{i}.csv")) for i in range(9)]
    assert render_all(faults, "en", most=9).splitlines()[-1] == "8.csv empty-file: the file is empty"
    cut = render_all(faults, "en", most=3).splitlines()
    assert cut == [*render_all(faults[:3], "en").splitlines(), "… 9 in total"]


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("demonstation", ["enrichment", "demonstration"], "demonstration"),
        ("Gap_Years", ["gap-year", "gap-years", "gaps"], "gap-years"),
        ("demo", ["enrichment", "rolling"], None),
        ("x", [], None),
        ("at_least", ["at_least"], None),  # the name itself is no help
        ("2014", [2013, 2014, 2015], None),
        ("县区", ["县级区", "市"], "县级区"),
    ],
)
def test_the_nearest_name(name, candidates, expected):
    if name == "2014":
        assert nearest(name, candidates) in {"2013", "2015"}  # numbers are compared as written
    else:
        assert nearest(name, candidates) == expected


def test_the_nearest_name_does_not_depend_on_the_order_of_candidates():
    assert nearest("ab", ["abd", "abc"]) == nearest("ab", ["abc", "abd"])
