"""run.py: what it installs and when, what it says when it cannot, and how it hands over."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
import venv
from pathlib import Path
from types import ModuleType

import pytest

from tests.processes import PROJECT, Process

RUN = PROJECT / "run.py"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py as a module, in an empty project whose packages take no time to install."""
    spec = importlib.util.spec_from_file_location("plenary_run", RUN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "plenary.json")
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    for lock in (module.SERVER_LOCK, module.TEST_LOCK, module.BENCH_LOCK):
        (tmp_path / lock).parent.mkdir()
        (tmp_path / lock).write_text(f"pinned by {lock}\n")
    return module


@pytest.fixture
def steps(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What run.py does, instead of doing it."""
    done: list[str] = []

    def make_venv() -> None:
        done.append("venv")
        run.VENV.mkdir(exist_ok=True)

    monkeypatch.setattr(run, "make_venv", make_venv)
    monkeypatch.setattr(run, "install_lock", done.append)
    monkeypatch.setattr(
        run, "hand_over", lambda python, module, args: done.append(" ".join([module, *args])) or 0
    )
    return done


def test_a_second_start_installs_nothing(run, steps, capsys):
    """The stamp of the first start is enough for the second."""
    run.main(["--port", "8080"])
    assert steps == ["venv", "server/requirements.lock", "server.cli --port 8080"]
    assert "First start" in capsys.readouterr().out
    steps.clear()

    run.main([])

    assert steps == ["server.cli"]
    assert capsys.readouterr().out == ""


def test_a_changed_lock_is_installed_into_the_same_venv(run, steps):
    """An update of Plenary brings its packages with it."""
    run.main([])
    steps.clear()
    (run.ROOT / run.SERVER_LOCK).write_text("pinned anew\n")

    run.main([])

    assert steps == ["server/requirements.lock", "server.cli"]


def test_an_interrupted_installation_is_begun_anew(run, steps, monkeypatch):
    """Ctrl-C leaves no stamp, says so in one sentence, and the next start makes everything afresh."""

    def interrupted(lock: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run, "install_lock", interrupted)
        with pytest.raises(SystemExit, match="the next start finishes"):
            run.main([])
    steps.clear()

    run.main([])

    assert steps == ["venv", "server/requirements.lock", "server.cli"]


def test_an_interrupted_update_is_begun_anew(run, steps, monkeypatch):
    """Packages that were half replaced are not trusted."""
    run.main([])
    (run.ROOT / run.SERVER_LOCK).write_text("pinned anew\n")
    with monkeypatch.context() as patched:
        patched.setattr(run, "install_lock", lambda lock: sys.exit("no network"))
        with pytest.raises(SystemExit):
            run.main([])
    steps.clear()

    run.main([])

    assert steps[0] == "venv"


@pytest.mark.parametrize("stamp", ["", "{", '{"python": "3.1"}'])
def test_a_venv_of_another_python_or_with_a_broken_stamp_is_made_anew(run, steps, stamp):
    """Packages built for one Python do not fit the next."""
    run.main([])
    locks = json.loads(run.STAMP.read_text())
    run.STAMP.write_text(json.dumps({**locks, **json.loads(stamp)}) if "python" in stamp else stamp)
    steps.clear()

    run.main([])

    assert steps[0] == "venv"


def test_help_needs_no_installation(run, steps):
    """Help and version answer on a machine that has nothing yet."""
    run.main(["--help"])
    run.main(["check", "-h"])
    run.main(["--version"])

    assert steps == ["server.cli --help", "server.cli check -h", "server.cli --version"]


@pytest.mark.parametrize(
    "args",
    [
        ["--key", "k-1", "--port", "0"],
        ["--port", "0", "--key=k-1"],
        ["--key", "x", "--port", "0", "--key=k-1"],
    ],
)
def test_the_host_key_is_not_in_the_list_of_processes(run, steps, monkeypatch, args):
    """The environment carries it on, which nobody else can read; the last one wins, as always."""
    monkeypatch.setenv("PLENARY_KEY", "of-the-environment")
    run.main(args)

    assert steps[-1] == "server.cli --port 0"
    assert os.environ["PLENARY_KEY"] == "k-1"


def test_a_key_option_without_a_key_is_left_for_the_server_to_refuse(run, steps):
    run.main(["--key"])
    run.main(["--key", "--port"])

    assert steps[-2:] == ["server.cli --key", "server.cli --key --port"]


def test_the_tests_get_their_packages_a_browser_and_the_arguments(run, steps, monkeypatch):
    """The test command installs both locks, looks for Chromium and hands the rest to pytest."""

    def looked_for(command: list[Path | str]) -> subprocess.CompletedProcess[bytes]:
        steps.append(f"{command[1]} in {Path.cwd()}")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.chdir("/")
    monkeypatch.setattr(run.subprocess, "run", looked_for)

    assert run.main(["test", "-k", "score", "--help"]) == 0
    assert steps == [
        "venv",
        "server/requirements.lock",
        "tests/requirements.lock",
        f"tests/browser/chromium.py in {run.ROOT}",
        "pytest -k score --help",
    ]


def test_measuring_gets_its_packages_and_the_arguments(run, steps):
    """The bench command installs all three locks; its help needs none."""
    assert run.main(["bench", "--help"]) == 0
    assert run.main(["bench", "--long"]) == 0
    assert steps == [
        "tests.load.bench --help",
        "venv",
        "server/requirements.lock",
        "tests/requirements.lock",
        "tests/load/requirements.lock",
        "tests.load.bench --long",
    ]


def test_the_gallery_gets_the_tests_packages_and_the_arguments(run, steps):
    """The gallery command installs both locks; its help needs none."""
    assert run.main(["gallery", "--help"]) == 0
    assert run.main(["gallery", "pictures"]) == 0
    assert steps == [
        "tests.browser.gallery --help",
        "venv",
        "server/requirements.lock",
        "tests/requirements.lock",
        "tests.browser.gallery pictures",
    ]


def test_without_a_browser_the_tests_do_not_start(run, steps, monkeypatch):
    """The exit code is that of the search for Chromium, which has said why."""
    monkeypatch.chdir("/")
    monkeypatch.setattr(run.subprocess, "run", lambda command: subprocess.CompletedProcess(command, 3))

    assert run.main(["test"]) == 3
    assert not any(step.startswith("pytest") for step in steps)


def test_a_lacking_venv_module_is_told_in_one_sentence(run, monkeypatch):
    """Debian and Ubuntu pack the venv module apart."""
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)

    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        run.main([])


def test_a_broken_venv_module_is_told_in_one_sentence(run, monkeypatch):
    """The module can be there without what it needs."""

    def broken(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "ensurepip")

    monkeypatch.setattr(venv, "create", broken)

    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        run.main([])


@pytest.mark.parametrize("way", ["file", "error"])
def test_an_unwritable_folder_is_told_in_one_sentence(run, monkeypatch, way):
    """Whatever keeps .venv from being made, the sentence names the folder and the remedy."""
    if way == "file":
        run.VENV.write_text("in the way")
    else:

        def refused(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(venv, "create", refused)

    with pytest.raises(SystemExit) as stopped:
        run.main([])

    assert str(run.VENV) in stopped.value.code
    assert "move its folder" in stopped.value.code
    assert "\n" not in stopped.value.code


def test_run_py_without_the_rest_of_plenary_is_told_in_one_sentence(run):
    """Someone downloads the one file that the command names."""
    (run.ROOT / run.SERVER_LOCK).unlink()

    with pytest.raises(SystemExit, match="download the whole of Plenary"):
        run.main([])


def test_no_network_is_told_in_one_sentence(run, monkeypatch):
    """The first start needs the internet, and says so when there is none."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    (run.ROOT / run.SERVER_LOCK).write_text(f"nowhere-to-be-found==1.0 --hash=sha256:{'0' * 64}\n")

    with pytest.raises(SystemExit, match=r"connect this computer to the internet") as stopped:
        run.install_lock(run.SERVER_LOCK)

    assert "\n" not in stopped.value.code


@pytest.mark.parametrize(
    ("requirement", "sentence"),
    [
        (
            f"nowhere-to-be-found==1.0 --hash=sha256:{'0' * 64}",
            "There is no nowhere-to-be-found==1.0 for Python 3",
        ),
        ("-r missing.txt", r"pip says: ERROR: .*missing\.txt"),
    ],
)
def test_a_failure_that_is_not_the_network_s_is_told_in_one_sentence(run, monkeypatch, requirement, sentence):
    """A Python too new for a package, and whatever nobody foresaw, in pip's own words."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    (run.ROOT / run.SERVER_LOCK).write_text(f"{requirement}\n")

    with pytest.raises(SystemExit, match=sentence) as stopped:
        run.install_lock(run.SERVER_LOCK)

    assert "\n" not in stopped.value.code


def test_an_old_python_is_told_in_one_sentence():
    """Python 3.9 is still what some machines call python3."""
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 18); runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    started = subprocess.run([sys.executable, "-c", pretend, RUN], capture_output=True, text=True)

    assert started.returncode == 1
    assert started.stdout == ""
    assert started.stderr.startswith("Plenary needs Python 3.11 or newer and this is Python 3.9: ")
    assert started.stderr.count("\n") == 1


def test_an_ancient_python_can_read_run_py():
    """The sentence is of no use to a Python that stops at the syntax."""
    ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_a_parent_waits_for_its_child_through_ctrl_c(run):
    """On Windows the child gets the same Ctrl-C and decides itself when it has stopped."""

    class Child:
        interrupts = 2

        def wait(self) -> int:
            if self.interrupts:
                self.interrupts -= 1
                raise KeyboardInterrupt
            return 5

    assert run.wait_for(Child()) == 5


@pytest.mark.skipif(os.name == "nt", reason="reads the child's output as POSIX systems allow")
def test_a_fresh_copy_starts_from_any_folder_and_then_again_at_once(tmp_path: Path):
    """An interrupted first start, a whole one, and one that takes less than half of that, without pip."""
    copy = tmp_path / "a folder with spaces"
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "server").mkdir(parents=True)
    (elsewhere / "server" / "__init__.py").write_text("raise SystemExit('the wrong server')\n")
    for part in ("server", "static", "question_banks"):
        shutil.copytree(PROJECT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(RUN, copy)
    start = (sys.executable, copy / "run.py", "--port", "0", "--no-browser")

    with Process(*start, cwd=elsewhere) as first:
        first.wait_for("First start")
        first.interrupt()
        assert first.wait() == 1
        assert "the next start finishes what is missing" in first.printed
        assert "Traceback" not in first.printed

    started_at = time.monotonic()
    with Process(*start, cwd=elsewhere) as second:
        second.wait_for("First start")
        if second.wait_for("For students|connect this computer to the internet")[0] != "For students":
            pytest.skip("a first start needs the internet")
        second.wait_for("Ctrl-C")
        first_up_s = time.monotonic() - started_at
        second.interrupt()
        assert second.wait() == 0

    for pip in copy.glob(".venv/lib/*/site-packages/pip"):
        shutil.rmtree(pip)
    started_at = time.monotonic()
    with Process(*start, cwd=elsewhere) as third:
        port = third.wait_for(r"http://127\.0\.0\.1:(\d+)/host")[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert json.load(answer)["ok"] is True
        up_s = time.monotonic() - started_at
        assert third.printed.startswith("Plenary ")
        third.interrupt()
        assert third.wait() == 0
    sys.stdout.write(f"up in {up_s:.1f} s, stated: 2 s; the start that installed took {first_up_s:.1f} s\n")
    assert up_s < first_up_s / 2
