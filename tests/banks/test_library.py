"""Banks: which files count, and what happens when they change while the server runs."""

import os
from pathlib import Path

import pytest

from server.banks.library import Banks
from tests.banks.builders import GOOD, spoiled, write


def touch_later(path: Path, text: str) -> None:
    """Write a file anew, with a time of change that differs on the coarsest file system."""
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 2_000_000_000, before + 2_000_000_000))


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Plenary's own banks and the teacher's."""
    own, teachers = tmp_path / "own", tmp_path / "teachers"
    own.mkdir()
    teachers.mkdir()
    return [own, teachers]


def test_banks_of_all_folders_are_listed_in_order(folders):
    """The folders in the given order, within one by name."""
    for folder, name in ((1, "alpha.yml"), (0, "zulu.yaml"), (0, "mike.yaml")):
        write(folders[folder], GOOD, name)

    banks = Banks(folders)

    assert [summary["id"] for summary in banks.summaries("en")] == ["mike", "zulu", "alpha"]
    assert banks.problems == []


def test_a_folder_that_does_not_exist_has_no_banks(folders):
    """A teacher without banks of their own has no such folder."""
    write(folders[0], GOOD)

    banks = Banks([folders[0], folders[1] / "nowhere"])

    assert len(banks.summaries("en")) == 1
    assert banks.problems == []


def test_one_bad_bank_keeps_no_other_out(folders):
    """The good ones are there; the bad one is reported, and only it."""
    write(folders[0], GOOD, "good.yaml")
    write(folders[0], "title: [", "bad.yaml")
    write(folders[0], b"\0\xff", "worse.yaml")

    banks = Banks(folders)

    assert [summary["id"] for summary in banks.summaries("en")] == ["good"]
    assert banks.get("bad") is None
    assert [line.partition(":")[0] for line in banks.problems] == ["bad.yaml, line 1", "worse.yaml"]


def test_an_edited_bank_is_read_again(folders):
    """A teacher edits while the server runs; the next look shows it."""
    path = write(folders[1], GOOD)
    banks = Banks(folders)
    assert banks.get("quiz").title == "Small"

    touch_later(path, spoiled("title: Small", "title: Large"))

    assert banks.get("quiz").title == "Large"
    assert banks.summaries("en")[0]["title"] == "Large"


def test_an_unchanged_bank_is_not_read_again(folders):
    """The same object comes back."""
    write(folders[0], GOOD)
    banks = Banks(folders)

    assert banks.get("quiz") is banks.get("quiz")


def test_a_bank_that_turned_bad_stays_as_it_was(folders):
    """A slip in the editor takes no bank away from a class; the problem goes once it is put right."""
    path = write(folders[1], GOOD)
    banks = Banks(folders)

    touch_later(path, spoiled("type: choice", "type: essay"))
    assert banks.get("quiz").title == "Small"
    assert "line 6" in banks.problems[0]
    assert banks.get("quiz").title == "Small"

    touch_later(path, spoiled("title: Small", "title: Large"))
    assert banks.get("quiz").title == "Large"
    assert banks.problems == []


def test_banks_come_and_go_with_their_files(folders):
    """A new file needs no restart, and a deleted one is gone."""
    banks = Banks(folders)
    path = write(folders[1], GOOD)
    assert banks.get("quiz") is not None

    path.unlink()

    assert banks.get("quiz") is None
    assert banks.summaries("en") == []


@pytest.mark.parametrize("name", ["quiz.yaml", "quiz.yml", "Quiz.yaml"])
def test_a_bank_hides_no_bank_of_an_earlier_folder(folders, name):
    """The first one counts, and the second is reported instead of passing for it."""
    write(folders[0], GOOD)
    write(folders[1], spoiled("title: Small", "title: Large"), name)

    banks = Banks(folders)

    assert [summary["title"] for summary in banks.summaries("en")] == ["Small"]
    assert len(banks.problems) == 1
    assert "give this file another name" in banks.problems[0]


def test_other_files_are_passed_over(folders):
    """Notes, an editor's and macOS's own files, and folders are no banks and no problems."""
    write(folders[0], "notes", "README.md")
    write(folders[0], b"\0\5\x16\7", "._quiz.yaml")
    (folders[0] / "old.yaml").mkdir()

    banks = Banks(folders)

    assert banks.summaries("en") == []
    assert banks.problems == []


def test_a_name_that_cannot_be_an_id_is_reported(folders):
    """The file is left out, with a remedy."""
    write(folders[1], GOOD, "my quiz.yaml")

    assert "name the file with letters" in Banks(folders).problems[0]


def test_a_link_that_leads_out_of_the_folder_is_refused(folders, tmp_path):
    """Nobody reads a file of the machine by way of a bank; a link within the folder is well."""
    outside = write(tmp_path, GOOD, "secret.yaml")
    inside = write(folders[1], GOOD, "inside.yaml")
    try:
        (folders[1] / "outside.yaml").symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no links")
    (folders[1] / "also.yaml").symlink_to(inside)
    (folders[1] / "circle.yaml").symlink_to(folders[1] / "circle.yaml")

    banks = Banks(folders)

    assert [summary["id"] for summary in banks.summaries("en")] == ["also", "inside"]
    assert "outside.yaml: this is a link" in banks.problems[1]
    assert "circle.yaml" in banks.problems[0]


@pytest.mark.parametrize("bank_id", ["../teachers/quiz", "quiz.yaml", "", "/etc/passwd", "quiz\0", "QUIZ"])
def test_an_id_is_looked_up_and_never_opened(folders, bank_id):
    """Only the ids that the list names exist."""
    write(folders[0], GOOD)

    assert Banks(folders).get(bank_id) is None
