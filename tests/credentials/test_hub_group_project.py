import pytest

from ibmq_backend.credentials import (
    Credentials,
    HubGroupProject,
    HubGroupProjectID,
    HubGroupProjectInvalidStateError,
)


def test_stored_format_and_back():
    triple = HubGroupProject.from_stored_format("ibm-q/open/main")
    assert triple.to_tuple() == ("ibm-q", "open", "main")
    assert triple.to_stored_format() == "ibm-q/open/main"
    assert {triple: 1}[HubGroupProject("ibm-q", "open", "main")] == 1


@pytest.mark.parametrize("text", ["", "a/b", "a/b/c/d", "a//c", "a/b/", "a b/c/d", None, 3])
def test_incomplete_text_is_refused(text):
    with pytest.raises(HubGroupProjectInvalidStateError, match="hub>/<group>/<project>"):
        HubGroupProject.from_stored_format(text)


@pytest.mark.parametrize("parts", [(None, "b", "c"), ("a", "", "c"), ("a", "b", "c/d")])
def test_incomplete_triple_cannot_be_stored(parts):
    with pytest.raises(HubGroupProjectInvalidStateError, match="all three parts"):
        HubGroupProject(*parts).to_stored_format()


def test_triple_of_credentials():
    credentials = Credentials("t", "http://host", hub="h", group="g", project="p")
    assert HubGroupProject.from_credentials(credentials) == credentials.unique_id()
    assert HubGroupProject.from_credentials(Credentials("t", "http://host")).hub is None


def test_old_name_is_the_same_class():
    assert HubGroupProjectID is HubGroupProject
