import pytest

from ibmq_backend.doctor.tokens import token_findings

HEX = "9f8c7b6a5d4e3f2a1b0c9d8e7f6a5b4c" * 4


@pytest.mark.parametrize(
    "line",
    [
        f"IBMQ.save_account('{HEX}')",
        f"# IBMQ.enable_account('{HEX}')",
        f"APItoken = '{HEX}'",
        "IBMQ.save_account('9f8c7b6a5d4e3f2a1b0c9d8e7f6a5b4c')",
        "QiskitRuntimeService(token='aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG')",
    ],
)
def test_tokens_are_found_and_not_shown(line):
    (finding,) = token_findings(3, f"x = 1\n{line}")
    assert finding.severity == "warning"
    assert (finding.place.cell, finding.place.line) == (3, 2)
    assert HEX[:8] not in repr(finding)
    assert "aB3d" not in repr(finding)


@pytest.mark.parametrize(
    "line",
    [
        "IBMQ.save_account('MY_API_TOKEN')",
        "IBMQ.save_account('PASTE_YOUR_TOKEN_HERE_1234567890')",
        "IBMQ.save_account(token)",
        f"state = '{'01' * 40}'",
        "job = backend.retrieve_job('5f0c8b7a6d5e4f3a2b1c0d9e')",
        "label = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'",
        "image = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAA/P'",
    ],
)
def test_other_texts_are_no_tokens(line):
    assert list(token_findings(None, line)) == []
