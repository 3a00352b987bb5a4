"""Error codes of the emulated services and what they mean."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ErrorCode"]


class ErrorCode(IntEnum):
    """A number that tells clients why a request or a job was refused.

    Every numeric code of the emulator is a member, so that a code means here what it means on
    the real services.

    Attributes:
        meaning: what the service says with it.

    Source: the registry of error codes at https://quantum.cloud.ibm.com/docs/errors, and for codes
    of retired services its older editions (``docs/errors.rst`` of qiskit-ibm-runtime 0.11). 8043
    is from https://github.com/Qiskit/qiskit-metapackage/issues/1585; 3211 also answers requests
    that the state of a job does not allow (spec/classic.yaml).
    """

    meaning: str

    def __new__(cls, value: int, meaning: str = "") -> ErrorCode:
        """Return the member with its meaning."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    INTERNAL = 1000, "an internal error of the service"
    TOO_LARGE = 1001, "the job is too large"
    NOT_VALID = 1002, "the job is not valid for this device"
    DEVICE_UNKNOWN = 1007, "the device was not found"
    SCHEMA = 1101, "the Qobj does not fit its schema"
    TOO_MANY_CIRCUITS = 1102, "more circuits than the device accepts in one job"
    TOO_MANY_SHOTS = 1103, "more shots than the device accepts"
    NO_MEMORY = 1104, "the device has no memory of single shots"
    NOT_COUPLED = 1107, "an instruction on qubits that are not coupled"
    NO_PULSE = 1108, "the device does not offer OpenPulse"
    TOO_WIDE = 1109, "more qubits than the device has"
    TOO_MANY_REQUESTS = 1202, "too many requests in this period"
    TOO_MANY_TAGS = 1204, "more tags than a job may have"
    TAG_TOO_LONG = 1205, "a tag is too long"
    BODY_NOT_VALID = 1208, "the body or query of the request is not valid"
    SESSION_CLOSED = 1217, "the session is closed"
    TOKEN_NOT_VALID = 1219, "the access token is missing or not valid"
    NOT_FINAL = 1234, "the job is not in a final state"
    NO_INSTANCE = 1241, "the request names no instance"
    INSTANCE_UNKNOWN = 1279, "the instance was not found"
    RUN_UNKNOWN = 1291, "the job was not found"
    RAN_TOO_LONG = 1305, "the job ran longer than its maximum execution time"
    CRN_NOT_VALID = 1348, "the CRN is not valid"
    NOT_IN_PLAN = 1352, "the plan does not include this"
    PROGRAM_FAILED = 1500, "the program failed inside the service"
    OBSERVABLE_WIDTH = 1501, "an observable is not as wide as its circuit"
    QASM_NOT_READ = 1506, "an OpenQASM 3 program cannot be loaded"
    NOT_ISA = 1517, "a circuit does not use the instructions of the device"
    OVER_SYSTEM_LIMITS = 1520, "the job exceeds the limits of the system"
    OPTIONS_DO_NOT_FIT = 1521, "options that cannot be used here"
    DYNAMIC_CIRCUIT = 1522, "an estimator cannot run a circuit with control flow"
    QPY_NOT_READ = 1603, "a QPY file cannot be loaded"
    OUTAGE = 1999, "the service is not available for some time"
    DEVICE_NOT_OFFERED = 2000, "the device of the job was not found"
    WRONG_DATA = 2400, "the request contains wrong data"
    MISSING_DATA = 2403, "the request lacks data"
    NOT_SAVED = 2405, "new data cannot be saved"
    FORBIDDEN = 2409, "the account may not do this"
    NOT_ACCESSIBLE = 2410, "the operation is not accessible"
    NO_OPERATION = 2411, "there is no such operation"
    SYSTEM_NOT_FOUND = 2620, "the project has no such device"
    PROJECT_NOT_VALID = 2911, "hub, group and project are not valid for the account"
    NOT_RUNNING = 3209, "the job is not running"
    JOB_NOT_VALID = 3211, "the job, or its state, is not valid for this"
    EMPTY = 3236, "the job is empty"
    JOB_NOT_FOUND = 3250, "the job was not found"
    NOT_UPLOADED = 3251, "the data of the job was not uploaded"
    STORAGE_NOT_ALLOWED = 3252, "this way of storing the job is not allowed"
    NO_JOB_DATA = 3302, "nothing is stored for the job"
    LOGIN_REQUIRED = 3445, "a login is required"
    LOGIN_FAILED = 3446, "the login failed"
    LICENCE_NOT_ACCEPTED = 3452, "the licence is not accepted"
    TOO_MANY_JOBS = 3458, "too many unfinished jobs"
    BODY_WRONG = 3500, "the body of the request is wrong"
    PLAN_USED_UP = 4317, "the time of the open plan is used up"
    TIMED_OUT = 5201, "the job took too long"
    CANCELLED = 5202, "the job was cancelled"
    RUN_FAILED = 5203, "the run failed"
    SIMULATOR_FAILED = 5204, "the simulator failed"
    PAYLOAD_TOO_LARGE = 5302, "the request is too large"
    TOO_FEW_SHOTS = 6001, "too few shots"
    NOT_IN_BASIS = 7000, "the device does not offer this instruction on these qubits"
    NOT_SUPPORTED = 7001, "the instruction is not supported"
    WRONG_INSTRUCTION = 7005, "an error in an instruction"
    FREQUENCY_RANGE = 8000, "a local oscillator outside the range of its channel"
    NOT_MAPPED = 8001, "measured qubits without a memory slot"
    TOO_MANY_SAMPLES = 8002, "too many samples on the channels"
    NOT_UNDERSTOOD = 8006, "an instruction of a schedule that is not understood"
    MEASUREMENT_LEVEL = 8009, "the measurement level is not supported"
    NO_PULSE_EXPERIMENTS = 8011, "this pulse experiment is not supported on the device"
    CONDITIONAL = 8013, "the device does not support conditional instructions"
    RESET = 8014, "reset is not supported"
    TOO_FEW_SAMPLES = 8016, "a pulse has too few samples"
    GRANULARITY = 8017, "the length of a pulse is not a multiple of the required samples"
    TOO_LONG = 8020, "a shot lasts longer than the repetition time"
    ACQUIRE_LENGTHS = 8021, "acquisitions of different lengths"
    NOT_POSITIVE = 8023, "a value that must be a positive integer"
    ACQUIRED_TWICE = 8024, "more than one acquisition on a channel"
    ACQUIRE_QUBITS = 8026, "an acquisition of qubits that do not exist"
    CHANNEL = 8027, "the device has no such channel"
    REPETITION_TIME = 8029, "the repetition time is not supported"
    REPETITION_DELAY = 8030, "the repetition delay is not supported"
    OVERLAP = 8035, "instructions overlap on a channel"
    ALIGNMENT = 8036, "a measurement that does not start at a multiple of the required samples"
    PULSE_AMPLITUDE = 8041, "an amplitude above 1"
    PULSE_PARAMETERS = 8042, "the parameters of a pulse are not valid"
    DELAY_ALIGNMENT = 8043, "a delay that is not a multiple of the required samples"
    UNEXPECTED = 9999, "an internal error of the service"
