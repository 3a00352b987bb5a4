# 2019: the CHSH game; everything is imported with a star and IBMQ is used last.
from qiskit import *
from qiskit.tools.monitor import *
from numpy import pi

alice = [0, pi / 2]
bob = [-pi / 4, pi / 4]
shots = 2048


def shared_state():
    qc = QuantumCircuit(2, 2)
    qc.u2(0, pi, 0)
    qc.cx(0, 1)
    return qc


circuits = []
for x in (0, 1):
    for y in (0, 1):
        turn = QuantumCircuit(2, 2, name="%d%d" % (x, y))
        turn.u3(-alice[x], 0, 0, 0)
        turn.u3(-(bob[1] if y == 0 else bob[0]), 0, 0, 1)
        turn.measure([0, 1], [0, 1])
        game = shared_state()
        game += turn
        game.name = turn.name
        circuits.append(game)


def winning(result):
    wins = 0
    for game in circuits:
        counts = result.get_counts(game)
        x, y = (int(bit) for bit in game.name)
        for bits, number in counts.items():
            if (int(bits[0]) ^ int(bits[1])) == (x & y):
                wins += number / shots / 4
    return wins


ideal = winning(execute(circuits, BasicAer.get_backend("qasm_simulator"), shots=shots).result())
print("ideal %.2f" % ideal)
IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q", group="open", project="main")
job = execute(circuits, provider.get_backend("ibmq_ourense"), shots=shots)
job_monitor(job)
print("quantum", 0.75 < winning(job.result()) < 0.88)
