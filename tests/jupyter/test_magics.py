"""Notebooks: static HTML, the magics of both packages, and missing libraries."""

import subprocess
import sys

import pytest

SHELL = """
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
class Shell(InteractiveShell):
    def enable_gui(self, gui=None):
        pass
shell = Shell.instance()
def cell(text):
    with capture_output() as shown:
        shell.run_cell(text).raise_error()
    return shown
def html(shown):
    return ''.join(output.data.get('text/html', '') for output in shown.outputs)
"""


def python(code):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_dashboard_magics():
    code = """
import qiskit.providers.ibmq.jupyter
print('No account' in html(cell('%iqx_dashboard')))
from ibmq_backend import IBMQ
IBMQ.enable_local()
table = html(cell('%iqx_dashboard'))
print('ibmq_vigo' in table, 'Newest jobs' in table, '<script' in table)
print(html(cell('%disable_iqx_dashboard')) == '')
"""
    assert python(SHELL + code).split() == ["True", "True", "True", "False", "True"]


def test_import_without_a_shell_loads_no_ipython():
    code = """
import sys
import qiskit.providers.ibmq.jupyter
print('IPython' in sys.modules)
"""
    assert python(code).split() == ["False"]


def test_terras_magics_show_tables():
    code = """
cell('import qiskit.tools.jupyter')
cell('from qiskit import IBMQ; provider = IBMQ.load_account()')
overview = html(cell('%qiskit_backend_overview'))
monitor = html(cell("%qiskit_backend_monitor provider.get_backend('ibmq_vigo')"))
print('ibmq_vigo' in monitor, '<script' in monitor)
cell('%%qiskit_progress_bar -t text\\ncounted = sum(range(5))')
print(shell.user_ns['counted'])
print('Backend overview' in overview, 'ibmq_vigo' in overview, '<script' in overview)
import threading
print(any('update_backend_info' in str(thread) for thread in threading.enumerate()))
formatter = shell.display_formatter.formatters['text/html']
card = formatter(shell.user_ns['provider'].get_backend('ibmq_vigo'))
print('<table' in card and 'ibmq_vigo' in card and '<svg' in card)
print('version' in html(cell('%qiskit_version_table')).lower())
"""
    assert python(SHELL + code).split() == [
        *("True", "False", "10"),
        *("True", "True", "False", "False", "True", "True"),
    ]


WITHOUT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {missing!r}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)
sys.meta_path.insert(0, Blocked())
"""


@pytest.mark.parametrize(
    ("missing", "code", "answer"),
    [
        (
            ["seaborn"],
            "from qiskit.visualization import plot_error_map\nplot_error_map(backend)",
            "none",
        ),
        (
            ["matplotlib"],
            "from qiskit.visualization import plot_gate_map\nplot_gate_map(backend)",
            "MissingOptionalLibraryError",
        ),
        # Terra imports it without asking; the error is Python's own.
        (["ipywidgets"], "import qiskit.tools.jupyter", "ModuleNotFoundError"),
        (["IPython"], "import qiskit.providers.ibmq.jupyter", "none"),
    ],
)
def test_missing_library_raises_terras_error(missing, code, answer):
    program = f"""
from qiskit import IBMQ
backend = IBMQ.load_account().get_backend('ibmq_vigo')
try:
    exec({code!r})
    print('none')
except ImportError as error:
    print(type(error).__name__)
"""
    assert python(WITHOUT.format(missing=missing) + program).split() == [answer]
