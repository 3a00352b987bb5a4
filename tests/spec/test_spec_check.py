"""A description that is not valid is rejected with file, line, JSON pointer and reason."""

import re
from pathlib import Path

import pytest

from scripts._regenerate.problems import RegenerateError
from scripts._regenerate.spec_check import check_spec
from scripts._regenerate.spec_source import parse_description, pointer, read_description

CANCEL = "#/paths/~1Network~1{hub}~1Groups~1{group}~1Projects~1{project}~1Jobs~1{job_id}~1cancel"
JOBS = "#/paths/~1Network~1{hub}~1Groups~1{group}~1Projects~1{project}~1Jobs"
LIMIT = "#/paths/~1Network~1{hub}~1Groups~1{group}~1Projects~1{project}~1devices~1{backend_name}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("openapi: 3.0.3", "openapi: 3.1.0", "#/openapi", "is '3.1.0', but must be 3.0"),
        ("openapi: 3.0.3", "swagger: '2.0'", "#/openapi", "is '2.0', but must be 3.0"),
        (
            "      operationId: cancelJob\n",
            "      operationId: getJob\n",
            f"{CANCEL}/post/operationId",
            "'getJob' is already used by GET /Network/",
        ),
        (
            "      summary: Cancel an unfinished job\n",
            "      summary: {}\n",
            f"{CANCEL}/post/summary",
            "{} is not of type 'string'",
        ),
        (
            "      summary: Cancel an unfinished job\n",
            "",
            f"{CANCEL}/post",
            "has no summary",
        ),
        (
            "      x-retry-safe: false\n",
            "",
            f"{JOBS}/post/x-retry-safe",
            "must be true or false",
        ),
        (
            "      x-source: [client 0.20.2, recording 2021-05]\n",
            "",
            "/x-source",
            "must list the sources of the facts",
        ),
        (
            'x-schema: "#/components/schemas/Qobj"',
            'x-schema: "#/components/schemas/Gone"',
            "/x-schema",
            "points nowhere: #/components/schemas/Gone",
        ),
        (
            '$ref: "#/components/schemas/JobsLimit"',
            '$ref: "other.yaml#/JobsLimit"',
            f"{LIMIT}~1jobsLimit/get/responses/200/content/application~1json/schema/$ref",
            "'other.yaml#/JobsLimit' is not in this file; copy its target to components",
        ),
        (
            "              example: {maximumJobs: 5, runningJobs: 1}\n",
            "",
            f"{LIMIT}~1jobsLimit/get/responses/200/content/application~1json",
            "has no example",
        ),
        (
            "      tags: [backends]\n",
            "      tags: [backends, jobs]\n",
            "/get/tags",
            "must have exactly one tag of the list in #/tags",
        ),
        (
            "schema: {type: integer, minimum: 1, maximum: 1, default: 1}",
            "schema: {type: intger, minimum: 1, maximum: 1, default: 1}",
            f"{LIMIT}~1properties/get/parameters/0/schema/type",
            "is 'intger', not one of 'array', 'boolean', 'integer', 'number', 'object', 's",
        ),
        (
            "          in: query\n          description: Form of the document.",
            "          in: querry\n          description: Form of the document.",
            f"{LIMIT}~1properties/get/parameters/0/in",
            "is 'querry', not one of 'path', 'query', 'header', 'cookie'",
        ),
        (
            "schema: {type: integer, minimum: 1, maximum: 1, default: 1}",
            "schema: {type: integer}",
            f"{LIMIT}~1properties/get/parameters/0",
            "parameter version has no bounds",
        ),
        (
            "          in: query\n          description: Form of the document.",
            "          in: path\n          required: true\n          description: Form of it.",
            f"{LIMIT}~1properties/get/parameters",
            "declares the path parameters ['backend_name', 'group', 'hub', 'project', 'version'], "
            "the path names ['backend_name', 'group', 'hub', 'project']",
        ),
    ],
)
def test_fault_is_named_with_its_location(
    root: Path, old: str, new: str, place: str, reason: str
) -> None:
    text = (root / "spec/classic.yaml").read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    with pytest.raises(RegenerateError) as caught:
        check_spec(parse_description(changed, "spec/classic.yaml"))
    first = str(caught.value).splitlines()[0]
    found = re.fullmatch(r"spec/classic\.yaml:(\d+): (#\S*) (.*)", first)
    assert found is not None, first
    line, where, said = found.groups()
    assert where.endswith(place)
    assert said.startswith(reason)
    # The line is that of the fault, or of what lacks something.
    same = zip(text.splitlines(), changed.splitlines(), strict=False)
    edited = next(number for number, (was, now) in enumerate(same, 1) if was != now)
    assert abs(int(line) - edited) <= 12, first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 3.0.3\npaths:\n  /a: 1\n  /a: 2\n", "x.yaml:4: is not YAML: the key '/a' is g"),
        ("openapi: 3.0.3\ninfo: {a: 1\npaths: {}\n", "x.yaml:3: is not YAML: "),
        ("openapi: 3.0.3\n\tinfo: 1\n", "x.yaml:2: is not YAML: found character '\\t'"),
        ("openapi: *nothing\n", "x.yaml:1: is not YAML: found undefined alias 'nothing'"),
        ("{a: b}: 1\n", "x.yaml:1: is not YAML: a key is not text"),
        ("- 1\n", "x.yaml:1: # has no keys at its top level, so it is not a description"),
        ("", "x.yaml:1: # is empty, so it is not a description"),
        ("a: \x00\n", "x.yaml: is not YAML: "),
    ],
)
def test_text_that_is_not_a_description(text: str, message: str) -> None:
    with pytest.raises(RegenerateError) as caught:
        parse_description(text, "x.yaml")
    assert str(caught.value).startswith(message)


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RegenerateError, match=r"spec/gone\.yaml does not exist"):
        read_description(tmp_path / "spec/gone.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9\n")
    with pytest.raises(RegenerateError, match=r"/latin\.yaml cannot be read: "):
        read_description(tmp_path / "latin.yaml")


@pytest.mark.slow
def test_all_problems_of_one_check_are_reported(root: Path) -> None:
    text = (root / "spec/classic.yaml").read_text(encoding="utf-8")
    changed = re.sub(r"^      summary: .*\n", "", text, flags=re.MULTILINE)
    with pytest.raises(RegenerateError) as caught:
        check_spec(parse_description(changed, "c"))
    assert sum(line.endswith("has no summary") for line in str(caught.value).splitlines()) == 27


def test_line_of_an_alias_is_that_of_its_anchor() -> None:
    text = "a: &one\n  b: {c: 1}\nlist:\n  - x\n  - *one\n"
    description = parse_description(text, "x")
    assert description.line(["list", 1]) == 1
    assert description.line(["list", 1, "b", "c"]) == 2
    assert description.line(["list", 0]) == 4
    assert description.line(["list", 7]) == 3
    assert pointer(["a/b", 0, "c~d"]) == "#/a~1b/0/c~0d"


@pytest.mark.slow
def test_committed_descriptions_are_valid(root: Path) -> None:
    for name in ("classic", "platform", "cloud"):
        check_spec(read_description(root / f"spec/{name}.yaml"))
