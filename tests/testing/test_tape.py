"""Recording and playing at the seam of the HTTP libraries."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
import vcr

from ibmq_backend.testing import cassette_files
from ibmq_backend.testing.exchanges import Answer, Exchange, Question
from ibmq_backend.testing.leaks import SecretFound
from ibmq_backend.testing.scrub import Scrubber
from ibmq_backend.testing.tape import CassetteMismatch, Player, Recorder


def asked(path: str, body: object = None, method: str = "GET") -> Question:
    text = b"" if body is None else json.dumps(body).encode()
    return Question(method, f"https://service{path}", {"content-type": "application/json"}, text)


def answered(body: object) -> Answer:
    return Answer(200, {"content-type": "application/json"}, json.dumps(body).encode())


def recorded(*exchanges: tuple[Question, object]) -> list[Exchange]:
    recorder = Recorder(Scrubber())
    for question, reply in exchanges:
        recorder.answer(question, lambda reply=reply: answered(reply))
    return recorder.scrubbed()


def player(*exchanges: tuple[Question, object]) -> Player:
    return Player(recorded(*exchanges), Scrubber(), "tape.yaml", "Record it anew.")


def unsent() -> Answer:
    raise AssertionError("nothing is to be sent")


def play(tape: Player, question: Question) -> Any:
    return json.loads(tape.answer(question, unsent).body)


def test_the_same_again_and_again_is_one_entry_with_a_count() -> None:
    status = asked("/status")
    found = recorded((status, "QUEUED"), (status, "QUEUED"), (status, "DONE"), (status, "DONE"))
    assert [(one.times, json.loads(one.reply_body)) for one in found] == [
        (2, "QUEUED"),
        (2, "DONE"),
    ]
    made = asked("/Jobs", {}, "POST")
    assert [one.times for one in recorded((made, "a"), (made, "a"))] == [1, 1]


def test_a_count_is_played_out_and_no_further() -> None:
    status = asked("/status")
    tape = player((status, "QUEUED"), (status, "QUEUED"), (status, "DONE"))
    assert play(tape, status) == "QUEUED"
    with pytest.raises(CassetteMismatch, match=r"#1 GET /status \(1 of 2 times\), #2 GET /status"):
        tape.check_played()
    assert [play(tape, status) for _ in range(2)] == ["QUEUED", "DONE"]
    tape.check_played()
    with pytest.raises(CassetteMismatch, match="#2 is the same request; it was recorded once"):
        tape.answer(status, unsent)
    with pytest.raises(CassetteMismatch, match="#4 of this program was not recorded"):
        tape.check_played()


def test_names_that_programs_make_up_may_change() -> None:
    names = [f"{n}1111111-2222-4333-8444-555555555555" for n in "12"]
    made = [
        asked("/Jobs", {"id": name, "circuit": f"circuit-{n}"}, "POST")
        for n, name in enumerate(names)
    ]
    tape = player((made[0], {"id": names[0], "server": "a"}))
    assert play(tape, made[1]) == {"id": names[1], "server": "a"}
    tape.check_played()


def test_ids_out_of_place_are_told_as_such() -> None:
    first, second = ("11111111-2222-4333-8444-555555555555", "21111111-2222-4333-8444-555555555555")
    tape = player((asked(f"/a/{first}"), 1), (asked(f"/b/{first}"), 2))
    play(tape, asked(f"/a/{second}"))
    with pytest.raises(CassetteMismatch, match="ids or tokens that meant something else before"):
        tape.answer(asked(f"/b/{first}"), unsent)


def test_an_empty_recording() -> None:
    with pytest.raises(CassetteMismatch, match=r"Nothing was recorded.\nRecord it anew."):
        player().answer(asked("/a"), unsent)
    assert Recorder(Scrubber()).text() == ""


def test_order_counts_unless_threads_ask() -> None:
    questions = [asked(f"/{n}") for n in range(8)]
    tape = player(*((question, n) for n, question in enumerate(questions)))
    threads = [
        threading.Thread(target=tape.answer, args=(question, unsent))
        for question in reversed(questions)
    ]
    for thread in threads:
        thread.start()
        thread.join()
    tape.check_played(ordered=False)
    with pytest.raises(CassetteMismatch, match="another order than recorded: #8, #7"):
        tape.check_played()


def test_text_is_refused_with_a_secret_and_round_trips_without() -> None:
    recorder = Recorder(Scrubber())
    question = asked("/login", {"apiToken": "t" * 20, "note": "µ\n" * 3}, "POST")
    recorder.answer(question, lambda: answered({"id": "t" * 24, "ttl": 1}))
    text = recorder.text({"source": "live"})
    assert "t" * 20 not in text
    with pytest.raises(SecretFound):
        recorder.text({"source": "t" * 24})


def test_files_keep_what_they_are_given(tmp_path: Any) -> None:
    status = asked("/status")
    made = recorded(
        (asked("/Jobs", {"a": "x" * 200}, "POST"), {"b": ["µ"] * 60}), (status, 1), (status, 1)
    )
    path = tmp_path / "tape.yaml"
    path.write_text(cassette_files.render(made, {"source": "live"}), encoding="utf-8")
    read = cassette_files.read(path)
    assert list(read.exchanges) == made
    assert read.recorded == {"source": "live"}
    assert "string: |-" in path.read_text(encoding="utf-8")


def test_numbers_in_base64_stay_as_they_are() -> None:
    value = {"__type__": "ndarray", "__value__": "aB3" * 40}
    (one,) = recorded((asked("/results"), value))
    assert json.loads(one.reply_body) == value


@pytest.mark.parametrize("side", ["request", "reply"])
def test_bodies_that_are_no_text_are_named(side: str) -> None:
    recorder, binary = Recorder(Scrubber()), b"\xff\xfe"
    question = Question(
        "PUT", "https://s/x?signature=abc", {}, binary if side == "request" else b""
    )
    recorder.answer(question, lambda: Answer(200, {}, binary))
    with pytest.raises(cassette_files.CassetteProblem, match=f"{side}.*signature-1 is no text"):
        recorder.scrubbed()


def test_files_can_be_read_by_vcrpy(tmp_path: Any) -> None:
    path = tmp_path / "tape.yaml"
    made = recorded((asked("/Jobs", {"a": 1}, "POST"), {"b": 2}))
    path.write_text(cassette_files.render(made, {"source": "live"}), encoding="utf-8")
    with vcr.use_cassette(str(path), record_mode="none") as cassette:
        assert [(one.method, one.path) for one in cassette.requests] == [("POST", "/Jobs")]
        assert json.loads(cassette.responses[0]["body"]["string"]) == {"b": 2}
