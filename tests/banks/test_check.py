"""The command `check`: its lines, and whether all is well."""

from pathlib import Path

from server.banks.check import check_files
from tests.banks.builders import GOOD, spoiled, write

WELL = GOOD.replace("    time: 30\n", "    time: 30\n    explanation: It is not.\n").replace(
    "    type: choice\n", "    type: choice\n    explanation: It comes first.\n"
)
"""A bank of which nothing could be better."""


def test_a_good_bank_is_one_line(tmp_path):
    """How many questions, and of which types."""
    path = write(tmp_path, WELL)

    assert check_files([path]) == (["quiz.yaml: 2 questions, all well (1 choice, 1 truefalse)"], True)


def test_every_file_gets_its_say(tmp_path):
    """A bad bank and a missing one among good ones: all are reported, and all is not well."""
    good = write(tmp_path, WELL, "good.yaml")
    bad = write(tmp_path, spoiled("type: choice", "type: essay"), "bad.yaml")

    lines, is_well = check_files([bad, tmp_path / "missing.yaml", good])

    assert not is_well
    assert lines[0].startswith('bad.yaml, line 6, question "one": type is “essay”')
    assert lines[1] == "missing.yaml: there is no such file; check its name and folder"
    assert lines[2].startswith("good.yaml: 2 questions, all well")


def test_without_files_all_banks_of_the_folders_are_checked(tmp_path):
    """Also those that a server would leave out."""
    own, teachers = tmp_path / "own", tmp_path / "teachers"
    own.mkdir()
    teachers.mkdir()
    write(own, WELL)
    write(teachers, WELL)

    lines, is_well = check_files(None, [own, teachers])

    assert not is_well
    assert lines[0] == "quiz.yaml: 2 questions, all well (1 choice, 1 truefalse)"
    assert "there is a bank of this name already" in lines[1]


def test_a_folder_stands_for_its_banks(tmp_path):
    """`check my-banks` reads what is in it."""
    write(tmp_path, WELL, "one.yaml")
    write(tmp_path, WELL, "two.yml")

    lines, is_well = check_files([tmp_path])

    assert is_well
    assert len(lines) == 2


def test_no_bank_at_all_is_not_well(tmp_path):
    """A wrong folder must not pass for a good check."""
    lines, is_well = check_files(None, [tmp_path])

    assert not is_well
    assert lines == [f"There is no bank in {tmp_path}."]


def test_the_project_s_own_banks_are_the_default():
    """`python3 run.py check` needs no argument."""
    lines, is_well = check_files()

    assert is_well, lines
    assert any(line.startswith("internationalism.yaml: ") for line in lines)


def test_a_relative_path_is_one_from_the_current_folder(tmp_path, monkeypatch):
    """As teachers type it."""
    write(tmp_path, WELL)
    monkeypatch.chdir(tmp_path)

    assert check_files([Path("quiz.yaml")])[1]


def test_what_could_be_better_is_told_apart_from_what_is_wrong(tmp_path):
    """The bank can be played; strictly, it is as good as wrong."""
    path = write(tmp_path, GOOD)
    advice = [
        'quiz.yaml, line 5, question "one": explanation is missing; '
        "say in a sentence or two what the class should take away",
        'quiz.yaml, line 13, question "two": explanation is missing; '
        "say in a sentence or two what the class should take away",
    ]

    assert check_files([path]) == (
        [
            "quiz.yaml: 2 questions, it can be played (1 choice, 1 truefalse); 2 could be better:",
            *(f"    {line}" for line in advice),
        ],
        True,
    )
    assert check_files([path], is_strict=True) == (advice, False)


def test_the_project_s_own_banks_could_not_be_better():
    """As far as a program can tell."""
    lines, is_well = check_files(is_strict=True)

    assert is_well, "\n".join(lines)
