import re

from ibmq_backend.jupyter.tables import devices_table, jobs_table, overview_table


def test_tables_are_static(provider, backend, device_bell):
    job = backend.run(device_bell, job_name="<script>")
    job.result()
    tables = {
        "overview": overview_table([backend, provider.get_backend("ibmqx5")]),
        "devices": devices_table(provider),
        "jobs": jobs_table(provider),
        "backend": backend._repr_html_(),
        "job": job._repr_html_(),
        "provider": provider._repr_html_(),
    }
    for table in tables.values():
        assert table.count("<table>") == table.count("</table>") == 1
        assert "<script" not in table
    assert "&lt;script&gt;" in tables["jobs"]
    assert "ibmq_vigo" in tables["devices"]
    assert "ibmq_qasm_simulator" not in tables["devices"]
    rows = re.findall(r"<tr><td>(.*?)</td></tr>", tables["overview"])
    cells = [row.split("</td><td>") for row in rows]
    assert [row[0] for row in cells] == ["ibmq_vigo", "ibmqx5"]
    t1, t2, cx, readout = map(float, cells[0][6:])
    assert 20 < t2 < t1 < 200
    assert 0.001 < cx < 0.1
    assert 0.001 < readout < 0.2
    assert cells[1][6:] == ["-"] * 4
