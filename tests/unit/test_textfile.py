"""CSV files of any program and country: read as meant, or refused with the line."""

import io

import numpy as np
import pytest
from effort import effort
from hypothesis import given
from hypothesis import strategies as st

import mgsim as mg
from mgsim.files import textfile
from mgsim.files.textfile import BadText

PLAIN = "v,mg,current\n-60,0.5,-1.25\n-40,1,-2.5\n20,1e-1,3\n"
GERMAN = PLAIN.replace(",", ";").replace(".", ",")
WRITTEN = {
    "byte-order mark": ("\ufeff" + PLAIN).encode(),
    "carriage returns and line feeds": PLAIN.replace("\n", "\r\n").encode(),
    "carriage returns alone": PLAIN.replace("\n", "\r").encode(),
    "semicolons and decimal commas": GERMAN.encode(),
    "all that a spreadsheet does": ("\ufeff" + GERMAN.replace("\n", "\r\n")).encode(),
    "said separator": ("sep=;\n" + GERMAN).encode(),
    "quoted said separator": ('"sep=;"\n' + GERMAN).encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "tabs and decimal commas": GERMAN.replace(";", "\t").encode(),
    "empty columns and lines": (PLAIN.replace("\n", ",,\n") + ",,,,\n\n").encode(),
    "comments": ("# measured by 'x\" on a Monday\n" + PLAIN + "# end\n").encode(),
    "quotes": PLAIN.replace("-60", '"-60"').replace("v,", '"v",').encode(),
    "blanks": PLAIN.replace(",", " , ").encode(),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_one_table_however_it_is_written(how, tmp_path):
    """For a design as for measurements, and by no other name than the path's."""
    path = tmp_path / "x.csv"
    path.write_bytes(WRITTEN[how])
    expected = {"v": [-60, -40, 20], "mg": [0.5, 1, 0.1], "current": [-1.25, -2.5, 3]}
    data = mg.read_data(path)
    assert [data.v.tolist(), data.mg.tolist(), data.y.tolist()] == [*expected.values()]
    assert {n: list(v) for n, v in mg.designs.table(path).axes.items()} == expected


@given(
    st.lists(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=2), min_size=1, max_size=9),
    st.sampled_from(",;\t"),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_every_number_comes_back(tmp_path_factory, rows, separator, comma, end):
    text = end.join(separator.join(map(repr, row)) for row in [*rows])
    if comma and separator != ",":
        text = text.replace(".", ",")
    path = tmp_path_factory.mktemp("numbers") / "x.csv"
    path.write_text(f"a{separator}b{end}{text}{end}", encoding="utf-8-sig", newline="")
    table = textfile.table(path)
    assert np.array([table.numbers(0), table.numbers(1)]).T.tolist() == rows


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "needs a first line"),
        (b"v,mg\n", "needs a first line"),
        (b"a;b\n1.5;2\n1,5;2\n", "lines 2 and 3: numbers with a decimal point"),
        (b"a;b\n1,5;2\n1.5;2\n", "lines 3 and 2: numbers with a decimal point"),
        (b"a,b\n1,2\n1,5,2\n", "line 3: 3 values for 2 columns"),
        (b"a\n1,2\n", "line 2: 2 values for 1 columns"),  # one number, or two: not to be known
        (b"a,b\n1,\xb5\n", "line 2: no UTF-8"),
        (b"a,b\r1,2\r\xff,2", "line 3: no UTF-8"),
        (b"a,b\n1,\0\n", "line 2: a NUL"),
        (b"PK\3\4\0\0", "line 1: a NUL"),
        (b"a,b\n1," + b"9" * 200_000, "line 2: "),
        (b"a,b\n1," + b"x " * 1000, "line 2: a cell of 1,999"),
        (b"a,b\n1," + b"9" * 400 + b"\n", "line 2: '999"),
        (b"a,b\n1,1e999\n", "line 2: '1e999'"),
        (b"a,b\n1,nan\n", "line 2: 'nan'"),
        (b"a,b\n1,inf\n", "line 2: 'inf'"),
        (b"a,b\n1,1_000\n", "line 2: '1_000'"),
        (b"a,b\n1,\n", "line 2: ''"),
        (b"a,b\n1,0x10\n", "line 2: '0x10'"),
        ("a,b\n1,١\n".encode(), "line 2: '١'"),
        (b'a,b\n1,"2\n3,4\n', "line 2: 2 values|line 2: '2"),
        (b"a,b" + b" " * 50_000 + b"c\n1,2\n", "line 1: a cell of 50,002"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(content, says, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(content)

    def numbers():
        table = textfile.table(path)
        return [table.numbers(place) for place in range(len(table.head))]

    def refused():
        with pytest.raises(BadText, match=says) as error:
            numbers()
        return str(error.value)

    words, work = effort(refused)
    assert words.startswith(str(path))
    assert work < 200


@pytest.mark.parametrize("name", ["none.csv", "a\0b.csv", ".", "/dev/zero"])
def test_what_is_no_file_is_told(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for read in (mg.read_data, mg.designs.table, textfile.read):
        with pytest.raises(ValueError, match=r"there is no file|no name of a file"):
            read(name)


def test_a_file_too_large_is_not_read(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.truncate(textfile.LARGEST + 1)
    with pytest.raises(BadText, match="too large"):
        textfile.read(path)


def test_a_cell_of_a_design_is_a_number_a_number_with_a_unit_or_a_name(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("mg_out;block\n0,8;none\n800 uM;kampa_2004\n")
    assert mg.designs.table(path).axes == {
        "mg_out": [0.8, "800 uM"],
        "block": ["none", "kampa_2004"],
    }
    for cell in ("9" * 400, "1e999", "--", "1_000", "1,2.3"):
        path.write_text(f"mg_out;block\n{cell};none\n")
        with pytest.raises(mg.designs.AxisError, match="line 2"):
            mg.designs.table(path)
    for head in ("a,a", "a,,b"):
        path.write_text(f"{head}\n{head}\n")
        with pytest.raises(mg.designs.AxisError, match=r"twice|no name"):
            mg.designs.table(path)


def test_a_file_is_read_once_and_whole(tmp_path, monkeypatch):
    """Line ends are those of the file, not of the machine."""
    path = tmp_path / "x.txt"
    path.write_bytes(b"\xef\xbb\xbfa\rb\r\nc\nd")
    assert textfile.read(path) == "a\nb\nc\nd"
    assert io.StringIO(textfile.read(path)).readlines() == ["a\n", "b\n", "c\n", "d"]
