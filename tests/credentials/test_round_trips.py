"""Stored accounts with any text are read back, and the rest of the file is kept."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibmq_backend.credentials import (
    Credentials,
    read_saved_account,
    remove_credentials,
    store_credentials,
    stored_credentials,
    write_saved_account,
)

printable = "".join(sorted(set(string.printable) - set(string.whitespace)))
names = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=10)
triples = st.none() | st.builds("{}/{}/{}".format, names, names, names)
tokens_of_old_programs = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40
).filter(str.strip)
accounts = st.builds(
    Credentials,
    token=st.text(printable, min_size=1, max_size=40) | tokens_of_old_programs,
    url=st.builds("http://{}:{}/{}".format, names, st.integers(1, 65535), names),
    verify=st.booleans(),
    default_provider=triples,
    proxies=st.fixed_dictionaries(
        {},
        optional={
            "urls": st.dictionaries(names, st.builds("http://{}:8080".format, names), max_size=2),
            "username_ntlm": st.text(max_size=10),
            "password_ntlm": st.text(max_size=10),
        },
    ),
)
others = st.lists(
    st.sampled_from(["# a comment", "", "[other]", "[ibmq.preferences]", "[default]", "; [ibmq]"]),
    max_size=4,
    unique=True,
)


def details(account):
    return account, account.base_url, account.verify, account.proxies, account.default_provider


@pytest.mark.slow
@given(account=accounts, other=others)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_qiskitrc(tmp_path, account, other):
    path = tmp_path / "qiskitrc"
    before = "".join(line + "\n" for line in other)
    path.write_text(before)
    assert store_credentials(account, filename=path)
    assert details(stored_credentials(path)) == details(account)
    assert not store_credentials(account, filename=path)
    remove_credentials(path)
    assert (path.read_text() if path.exists() else "").strip() == before.strip()


@pytest.mark.slow
@given(account=accounts)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_saved_account(tmp_path, account):
    path = tmp_path / "account.json"
    write_saved_account(account, overwrite=True, filename=path)
    assert details(read_saved_account(path)) == details(account)
