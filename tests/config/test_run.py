"""`./run` in a small tree of its own, with stand-ins for the site and for manage.py that tell how they were called."""

import json
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.config.conftest import ROOT, environment_of_people

TELL = "import json, os, sys; print(json.dumps({'argv': sys.argv[1:], 'env': dict(os.environ)}))"


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of `run` that has been started once; its lock file names nothing, so that no network is needed."""
    tree: Path = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "run", tree)
    (tree / "requirements.txt").write_text("# nothing\n")
    (tree / "config").mkdir()
    (tree / "config" / "embedded.py").write_text(TELL)
    (tree / "manage.py").write_text(TELL)
    first = run(tree)
    assert first.returncode == 0, first.stderr
    assert "Installing the packages of requirements.txt" in first.stderr
    return tree


def run(tree: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    # By the interpreter of the tests: the first python3 of a machine may be another one.
    command = [sys.executable, str(tree / "run"), *arguments]
    return subprocess.run(command, env=environment_of_people(**more), capture_output=True, text=True)


def told(done: "subprocess.CompletedProcess[str]") -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_site_starts_in_its_environment(tree):
    environment = told(run(tree))["env"]
    assert environment["EMBEDDED"] == "1"
    assert environment["VAR_DIR"] == str(tree / "var")
    assert "PORT" not in environment
    assert told(run(tree, "--port", "8123"))["env"]["PORT"] == "8123"


def test_the_secret_key_is_made_once_and_nobody_else_can_read_it(tree):
    file = tree / "var" / "secret-key"
    key = file.read_text()
    assert len(key) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert told(run(tree))["env"]["SECRET_KEY"] == key
    assert told(run(tree, SECRET_KEY="another"))["env"]["SECRET_KEY"] == "another"
    assert file.read_text() == key


def test_a_second_start_installs_nothing_and_is_quick(tree):
    begin = time.monotonic()
    second = run(tree, PIP_NO_INDEX="1", PIP_CONFIG_FILE="/dev/null")
    assert time.monotonic() - begin < 2
    assert "Installing" not in second.stderr
    assert second.returncode == 0


def test_a_changed_lock_file_is_installed(tree):
    (tree / "requirements.txt").write_text("# nothing again\n")
    assert "Installing the packages of requirements.txt" in run(tree).stderr
    assert "Installing" not in run(tree).stderr


def test_packages_that_cannot_be_had_are_told_and_tried_again(tree):
    lock = tree / "requirements.txt"
    before = lock.read_text()
    lock.write_text(f"django==5.2.1 --hash=sha256:{'0' * 64}\n")
    try:
        for _ in range(2):
            done = run(tree, PIP_NO_INDEX="1", PIP_CONFIG_FILE="/dev/null", PIP_FIND_LINKS="")
            assert done.returncode == 1
            assert "The packages could not be installed; pip says above why." in done.stderr
            assert "Traceback" not in done.stderr
    finally:
        lock.write_text(before)
    assert run(tree).returncode == 0


def test_a_virtual_environment_whose_python_is_gone_is_made_anew(tree):
    lock = tree / "requirements.txt"
    lock.write_text("# nothing at all\n")
    for link in (tree / ".venv" / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python")
    assert run(tree).returncode == 0


def test_manage_gives_commands_to_django_and_keeps_standard_output_for_them(tree):
    given = told(run(tree, "manage", "export_series", "thp", "--help"))
    assert given["argv"] == ["export_series", "thp", "--help"]
    assert given["env"]["EMBEDDED"] == "1"


def test_help_names_every_command(tree):
    done = run(tree, "--help")
    assert done.returncode == 0
    for command in ["./run test", "./run check", "./run manage", "./run --port"]:
        assert command in done.stdout


def test_what_run_does_not_know_is_told(tree):
    done = run(tree, "sevre")
    assert done.returncode == 1
    assert done.stderr == "\n./run does not know “sevre”. What it can do: ./run --help\n"
