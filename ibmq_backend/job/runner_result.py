"""``RunnerResult``, for programs that import it."""

from __future__ import annotations

from qiskit.exceptions import QiskitError
from qiskit.result import QuasiDistribution, Result

__all__ = ["RunnerResult"]


class RunnerResult(Result):
    """A ``Result`` whose entries may have mitigated quasi-probabilities.

    Source: ``RunnerResult`` of qiskit-ibmq-provider 0.14 to 0.20.2.
    """

    def get_quasiprobabilities(
        self, experiment: object = None
    ) -> QuasiDistribution | list[QuasiDistribution]:
        """Return quasi-probabilities, keyed by the integer value of the outcome.

        Args:
            experiment: index, name, circuit or schedule; ``None`` returns all of them.

        Raises:
            QiskitError: the result has none, since measurement errors were not mitigated.
        """
        keys = range(len(self.results)) if experiment is None else [experiment]
        found = []
        for key in keys:
            data = self.data(key)
            if "quasiprobabilities" not in data:
                raise QiskitError(
                    f"Experiment {key!r} has no quasi-probabilities: measurement errors were not "
                    "mitigated. get_counts() returns the measured counts."
                )
            shots = self._get_experiment(key).shots
            found.append(QuasiDistribution(data["quasiprobabilities"], shots))
        return found if len(found) != 1 else found[0]
