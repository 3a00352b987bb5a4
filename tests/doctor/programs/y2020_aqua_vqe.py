# 2020: chemistry with Aqua.
import numpy as np
from qiskit import BasicAer, IBMQ
from qiskit.aqua import QuantumInstance, aqua_globals
from qiskit.aqua.algorithms import VQE, NumPyMinimumEigensolver
from qiskit.aqua.components.optimizers import SPSA, SLSQP
from qiskit.aqua.operators import WeightedPauliOperator
from qiskit.circuit.library import TwoLocal
from qiskit.chemistry.drivers import PySCFDriver, UnitsType
from qiskit.optimization.applications.ising import max_cut
from docplex.mp.model import Model

aqua_globals.random_seed = 7
provider = IBMQ.load_account()
backend = provider.get_backend('ibmq_london')
instance = QuantumInstance(backend, shots=1024)
ansatz = TwoLocal(2, 'ry', 'cz', reps=3)
