"""OpenQASM 3 of other clients and of hostile services."""

from __future__ import annotations

import contextlib
import json

import pytest

from ibmq_backend.api.sampler import programs, qasm_reader
from ibmq_backend.api.sampler.qasm_reader import read_experiments
from ibmq_backend.exceptions import ApiNotSupported

FOREIGN = """OPENQASM 3.0;
include "stdgates.inc";
/* a comment
   of two lines */
gate rzx(p0) _gate_q_0, _gate_q_1 {
  h _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
bit[2] meas; // bit[9] no;
qubit[2] q;
qubit other;
rz(-pi/2) q[0];
rz(2*(pi - 1.5)) other;
sx q;
barrier q, other;
delay[2.5us] q[1];
if (meas[0]) {
  x q[0];
  reset q[1];
}
meas = measure q;
"""


def instructions_of(body, declared='include "stdgates.inc";\nbit[2] c;'):
    text = f"OPENQASM 3.0;\n{declared}\n{body}\n"
    return read_experiments([text], "job")[0]["instructions"]


def test_flat_programs_of_other_clients_are_read():
    params = {"pubs": [[FOREIGN, [], 10]], "options": {"default_shots": 5}}
    qobj = programs.qobj_of(params, "job-7")
    assert (qobj["qobj_id"], qobj["config"]["shots"]) == ("job-7", 10)
    instructions = qobj["experiments"][0]["instructions"]
    assert [each["name"] for each in instructions] == [
        *("rz", "rz", "sx", "sx", "barrier", "delay", "bfunc", "x", "bfunc", "reset"),
        *("measure", "measure"),
    ]
    assert instructions[0]["params"] == [pytest.approx(-1.5707963267948966)]
    assert instructions[1] == {
        "name": "rz",
        "params": [pytest.approx(2 * (3.141592653589793 - 1.5))],
        "qubits": [2],
    }
    assert [each["qubits"] for each in instructions[2:5]] == [[0], [1], [0, 1, 2]]
    assert instructions[5]["params"] == [pytest.approx(2.5e-6)]
    header = qobj["experiments"][0]["header"]
    assert header["creg_sizes"] == [["meas", 2]]
    assert header["n_qubits"] == 3
    plan = programs.plan_of(params)
    assert [each.name for each in plan.circuits[0].registers] == ["meas"]
    assert plan.memory
    assert plan.qobj_id is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("id $0;", ["id"]),
        ("ecr $0, $1;", ["ecr"]),
        ("unheard_of(0.5, 1) $0, $1, $2;", ["unheard_of"]),
        ("U(0, 0, 0) $0;", ["u"]),
        ("cphase(pi) $0, $1;", ["cp"]),
        ("c[0] = measure $1;", ["measure"]),
    ],
)
def test_names_of_instructions(line, names):
    assert [each["name"] for each in instructions_of(line)] == names


def test_parameters_keep_their_order():
    defined = "gate own(b, a) _q { rz(a) _q; rx(b) _q; }"
    for line in ("own(2, 1) $0;", "other(2, 1) $0;"):
        assert instructions_of(f"{defined}\n{line}")[0]["params"] == [2, 1]


def test_gate_definitions_are_skipped():
    nested = "\n".join(f"gate g{n + 1} a {{ g{n} a; g{n} a; }}" for n in range(60))
    assert instructions_of(f"gate g0 a {{ x a; }}\n{nested}\ng60 $3;") == [
        {"name": "g60", "qubits": [3]}
    ]


def test_the_global_phase_is_in_the_header():
    text = 'include "stdgates.inc"; gphase(0.5); x $0;'
    assert read_experiments([text], "job")[0]["header"]["global_phase"] == pytest.approx(0.5)


def test_lines_that_circuits_share_are_parsed_once(monkeypatch):
    parsed = []
    parse = qasm_reader._parse
    monkeypatch.setattr(qasm_reader, "_parse", lambda text: parsed.append(text) or parse(text))
    comment = "// ibmq_backend circuit " + json.dumps({"header": {"name": "one"}})
    own = f"OPENQASM 3.0;\n{comment}\nbit[1] c;\nif (c[0]) {{\n  reset $0;\n}}\n"
    assert len(read_experiments([own, own + "reset $1;\n"], "job")) == 2
    assert parsed[-2:] == ["if (c[0]) {\n  reset $0;\n}", "reset $1;"]
    assert len(parsed) == 4


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("for int i in [0:1] { x $0; }", "'for int i in"),
        ("input float[64] theta;", "'input float"),
        ("let a = c[0:1];", "'let a"),
        ("ctrl @ x $0, $1;", "'ctrl @ x"),
        ("if (c[0]) { x $0; } else { sx $0; }", "else { sx"),
        ("if (c == 9) { x $0; }", "too large"),
        ("if (c[0]) { if (c == 1) { x $0; } }", "the same bit"),
        ("if (d[0]) { x $0; }", "symbol 'd'"),
        ("c[5] = measure $0;", "out of range"),
        ("measure $0;", "must save"),
        ("barrier;", "'barrier;'"),
        ("rz(theta) $0;", "'theta'"),
        ("rz(__import__('os')) $0;", "syntax error in line 4"),
        ("rz(1/0) $0;", "division"),
        ("x q;", "symbol 'q'"),
        ("uint[3] n = 2;", "'uint.3. n"),
        ("if (c[0]) { c[0] = measure $0; x $0; }", "measures a bit again"),
        ("}", "syntax error in line 4: extraneous input '}'"),
        ("delay[100 lightyears] $0;", "extraneous input 'lightyears'"),
        ('include "/etc/passwd";', "imports"),
    ],
)
def test_an_error_says_what_a_qobj_cannot_contain(line, reason, capfd):
    text = f'OPENQASM 3.0;\ninclude "stdgates.inc";\nbit[2] c;\n{line}\n'
    with pytest.raises(ApiNotSupported, match=f"(?i)Circuit 0 of job j cannot.*{reason}"):
        programs.qobj_of({"pubs": [[text, None, 1]]}, "j")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bit[1000000000000] c; if (c == 1) { x $0; }", "bits"),
        ("bit[60000] a; bit[60000] b;", "bits"),
        ("bit[500 * 500000] c;", "500 . 500000"),
        ("x $99999999999;", "bits"),
        ("bit[2] c; if ($99999999999[0]) { x $0; }", "bits"),
        ("qubit[1000000000000] q; h q;", "bits"),
        ("qubit[100000] q; " + "h q; " * 20, "operands"),
        ("qubit[90000] q; " + "barrier q[0:89999]; " * 20, "operands"),
        ("bit[90000] c; " + "if (c == 1) { x $0; } " * 20, "operands"),
        ("ctrl(30) @ x $0;", "ctrl"),
        ("rx(9**9**9) $0;", "'..'"),
        ("rx(" + "-" * 9_000 + "1) $0;", "nested"),
        ("rx(" + "(" * 4_000 + "1" + ")" * 4_000 + ") $0;", "nested"),
        ("x " + "q[" * 4_000 + ";", "nested"),
        ("bit[2] c; " + "if (c[0]) { " * 500 + "}" * 500, "nested"),
        ("rx(" + "9*" * 100_000 + "1) $0;", "statement longer than"),
        ("x $0; " * 400_000, "more than 2000000 characters"),
        ("rx(__import__('os').getpid()) $0;", "syntax error"),
        ("rx(pi.real) $0;", "pi."),
        ('// ibmq_backend circuit {"header": {"qreg_sizes": [["q", 1000000000000]]}}', "bits"),
    ],
)
def test_programs_that_would_take_too_much_time_or_memory(text, reason):
    lines = 'include "stdgates.inc";\n' + text.replace("; ", ";\n")
    with pytest.raises(ApiNotSupported, match=f"Circuit 0 of job.*{reason}"):
        read_experiments([lines], "job")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["\n" * 10**6, "a" * 10**6, "/*" * 10**6, "x" + " " * 10**6 + ")", "bit bit " * 10**5,
     "delay[" * 10**5, "if (" + " " * 10**6 + ") {", "c = measure" + " \n" * 10**6 + ";",
     "(a" * 10**6],
    ids=["lines", "letters", "comments", "blanks", "bits", "delays", "condition", "measure",
         "nesting"],
)  # fmt: skip
def test_long_texts_are_searched_once(text):
    """A search with quadratic time would take hours."""
    with contextlib.suppress(ApiNotSupported):
        assert programs.qobj_of({"pubs": [[text + ";"]]}, "job")


def test_the_length_of_a_job_is_limited_by_all_its_programs(monkeypatch):
    monkeypatch.setattr(qasm_reader, "MAX_CHARACTERS", 200)
    foreign = [f"OPENQASM 3.0;\nqubit[{width}] q;\n" for width in range(1, 9)]
    with pytest.raises(ApiNotSupported, match="Circuit 7 .* more than 200 characters"):
        read_experiments(foreign, "job")
    read_experiments(foreign[:1] * 50, "job")  # the same text counts once
