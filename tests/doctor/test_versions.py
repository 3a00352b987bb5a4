import pytest

from ibmq_backend.doctor.versions import satisfies


@pytest.mark.parametrize(
    ("version", "bounds", "fits"),
    [
        ("0.46.3", "==0.46.3", True),
        ("0.46.3", "==0.46", False),
        ("1.0", "==1.0.0", True),
        ("0.46.3", "==0.46.*", True),
        ("0.46.3", "!=0.46.*", False),
        ("0.14.2", "<0.15,>=0.13", True),
        ("0.15", "<0.15,>=0.13", False),
        ("0.15.0", "<0.15", False),
        ("2.10", ">=2.9", True),
        ("1.4.5", "~=1.4.2", True),
        ("1.5", "~=1.4.2", False),
        ("2.0rc1", ">=2.0", True),
        ("3", "", True),
        ("1.0", ">1.0", False),
    ],
)
def test_bounds(version, bounds, fits):
    assert satisfies(version, bounds) is fits
