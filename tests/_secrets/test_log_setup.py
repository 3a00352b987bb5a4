"""The documented logger and its environment variables, each tested in a new process."""

import subprocess
import sys

import pytest

SPEAK = """
import logging, ibmq_backend
ours = logging.getLogger('ibmq_backend.account.factory')
for name in ('debug', 'info', 'warning', 'error'):
    getattr(ours, name)('said with ' + name)
"""


def speak(environment=None, before="", path=""):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", before + SPEAK],
        env={"PATH": path, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return [line.rpartition("said with ")[2] for line in done.stderr.splitlines()]


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("DEBUG", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("ErRoR", ["error"]),
        ("nonsense", ["warning", "error"]),
    ],
)
def test_level_by_name_in_any_case(level, said):
    assert speak({"QISKIT_IBMQ_PROVIDER_LOG_LEVEL": level}) == said


def test_without_variables_the_defaults_of_python_apply():
    assert speak() == ["warning", "error"]


def test_with_a_log_file_nothing_is_written_to_the_screen(tmp_path):
    path = tmp_path / "log.txt"
    variables = {
        "QISKIT_IBMQ_PROVIDER_LOG_LEVEL": "INFO",
        "QISKIT_IBMQ_PROVIDER_LOG_FILE": str(path),
    }
    assert speak(variables) == []
    lines = path.read_text().splitlines()
    assert [line.rpartition("said with ")[2] for line in lines] == ["info", "warning", "error"]
    assert lines[0].startswith("ibmq_backend.account.factory.<module>:INFO:")


def test_the_documented_logger_silences_the_package():
    before = (
        "import logging\n"
        "logging.getLogger('qiskit.providers.ibmq').setLevel(logging.CRITICAL)\n"
        "import ibmq_backend, ibmq_backend._secrets.log_setup as again\nagain.set_up_logging()\n"
    )
    assert speak(before=before) == []


def test_a_second_setup_does_not_repeat_records():
    before = "import ibmq_backend._secrets.log_setup as again\nagain.set_up_logging()\n"
    assert speak({"QISKIT_IBMQ_PROVIDER_LOG_LEVEL": "error"}, before) == ["error"]
