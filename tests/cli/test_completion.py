import subprocess

import pytest

from ibmq_backend.cli.__main__ import main

COMPLETE = """
source /dev/stdin
COMP_WORDS=(ibmq-backend "$@")
COMP_CWORD=$#
_shtab_ibmq_backend ibmq-backend
echo "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        printed = []
        patch.setattr("builtins.print", printed.append)
        assert main(["completion", "bash"]) == 0
    return printed[0]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["compl"], "completion"),
        (["status", "ibmq_vi"], "ibmq_vigo"),
        (["run", "--backend", "ibmq_casa"], "ibmq_casablanca"),
        (["account", "sa"], "save"),
        (["jobs", "--lim"], "--limit"),
    ],
)
def test_bash_completes(script, words, offered):
    done = subprocess.run(
        ["bash", "-c", COMPLETE, "bash", *words], input=script, capture_output=True, text=True
    )
    assert done.stdout.split() == [offered], done.stderr


@pytest.mark.parametrize("shell", ["fish", "zsh"])
def test_other_shells(shell, capsys):
    assert main(["completion", shell]) == 0
    assert "ibmq_vigo" in capsys.readouterr().out
