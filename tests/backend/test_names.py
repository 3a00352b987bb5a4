from ibmq_backend.backend.names import describe_unknown, identifiers, resolve

KNOWN = ["ibmq_vigo", "ibmqx2", "ibmq_16_melbourne", "ibmq_qasm_simulator", "ibm_lagos"]


def test_aliases_lead_to_the_names_of_the_service():
    assert resolve("ibmq_5_yorktown") == "ibmqx2"
    assert resolve("ibmq_5_tenerife") == "ibmqx4"
    assert resolve("ibmq_vigo") == "ibmq_vigo"


def test_identifiers_are_snake_case_and_distinct():
    found = identifiers(["ibmq_vigo", "QS1_1", "my-device", "my_device", "2nd"])
    assert found == {
        "ibmq_vigo": "ibmq_vigo",
        "qs1_1": "QS1_1",
        "my_device": "my-device",
        "my_device_": "my_device",
        "_2nd": "2nd",
    }
    assert all(name.isidentifier() for name in found)


def test_unknown_name_is_answered_with_the_nearest_and_all():
    text = describe_unknown("ibmq_vigoo", KNOWN)
    assert "'ibmq_vigoo'" in text
    assert "Nearest: ibmq_vigo." in text
    for name in KNOWN:
        assert name in text


def test_nearest_ignores_prefix_and_qubit_count():
    assert "Nearest: ibmq_16_melbourne." in describe_unknown("melbourne", KNOWN)
    assert "ibm_lagos" in describe_unknown("ibmq_lagos", KNOWN).split("Available")[0]


def test_nearest_ignores_capitals():
    assert "Nearest: ibmq_vigo." in describe_unknown("IBMQ_VIGO", KNOWN)


def test_nothing_near_suggests_nothing():
    assert "Nearest" not in describe_unknown("zzzzzz", KNOWN)
    assert "Available: none." in describe_unknown("x", [])
