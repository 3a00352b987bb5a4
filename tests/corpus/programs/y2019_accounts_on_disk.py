# 2019: the account cell that was run again and again.
from qiskit import IBMQ
from qiskit.providers.ibmq.exceptions import IBMQAccountError, IBMQAccountCredentialsNotFound

IBMQ.save_account("paste your token here", overwrite=True)
IBMQ.load_account()
provider = IBMQ.load_account()
print(IBMQ.stored_account()["token"])
print(IBMQ.active_account() is not None)
print([str(p) for p in IBMQ.providers()])
IBMQ.save_account("<your API token>")
print(IBMQ.stored_account()["token"], IBMQ.stored_account()["url"])
IBMQ.disable_account()
try:
    IBMQ.disable_account()
except IBMQAccountError as err:
    print("nothing to disable")
provider = IBMQ.enable_account("token d'accès", url="https://auth.quantum-computing.ibm.com/api")
try:
    IBMQ.enable_account("another")
except IBMQAccountError:
    print("already in use")
IBMQ.delete_account()
print(IBMQ.stored_account())
try:
    IBMQ.delete_account()
except IBMQAccountCredentialsNotFound:
    print("nothing to delete")
provider = IBMQ.load_account()
print(len(provider.backends()) > 5)
