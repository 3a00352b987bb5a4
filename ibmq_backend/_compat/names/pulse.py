"""Names of pulse programming, most of them from Terra 0.8 to 0.14."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import GoneName, OldName

_COMMANDS: Final = "ibmq_backend._compat.old_pulse.commands"
_SPEC: Final = "ibmq_backend._compat.old_pulse.channel_spec"
_BUILDER: Final = "ibmq_backend._compat.old_pulse.builder"

_CALLED: Final = "instructions of `qiskit.pulse`; what is called with a channel is one"

PULSE: Final[tuple[OldName, ...]] = (
    OldName(
        "qiskit.pulse.pulse_lib", "2019-2020", "`qiskit.pulse.library`", "qiskit.pulse.library"
    ),
    OldName(
        "qiskit.pulse.samplers",
        "2019",
        "`qiskit.pulse.library.samplers`",
        "qiskit.pulse.library.samplers",
    ),
    *(
        OldName(f"{module}.SamplePulse", "2019-2020", "`Waveform`", "qiskit.pulse:Waveform")
        for module in (
            "qiskit.pulse",
            "qiskit.pulse.library",
        )
    ),
    *(
        OldName(f"{module}.ConstantPulse", "2020", "`Constant`", "qiskit.pulse:Constant")
        for module in (
            "qiskit.pulse",
            "qiskit.pulse.library",
            "qiskit.pulse.library.parametric_pulses",
        )
    ),
    OldName(
        "qiskit.pulse.library.sample_pulse",
        "2020",
        "`qiskit.pulse.library.waveform`",
        "qiskit.pulse.library.waveform",
    ),
    OldName(
        "qiskit.pulse.library.waveform.SamplePulse",
        "2020",
        "`Waveform`",
        "qiskit.pulse:Waveform",
    ),
    OldName("qiskit.pulse.commands", "2019-2020", _CALLED, _COMMANDS),
    *(
        OldName(f"qiskit.pulse.commands.{module}", "2019-2020", "the same", _COMMANDS)
        for module in (
            "acquire",
            "command",
            "delay",
            "frame_change",
            "instruction",
            "meas_opts",
            "parametric_pulses",
            "persistent_value",
            "pulse_command",
            "pulse_decorators",
            "sample_pulse",
            "snapshot",
        )
    ),
    OldName(
        "qiskit.pulse.FrameChange",
        "2019-2020",
        "`ShiftPhase(phase, channel)`",
        f"{_COMMANDS}:FrameChange",
    ),
    OldName(
        "qiskit.pulse.PersistentValue",
        "2019-2020",
        "imported only; creating one is an error that names `Play(Constant(...), channel)`",
        f"{_COMMANDS}:PersistentValue",
    ),
    OldName(
        "qiskit.pulse.AcquireInstruction", "2020", "`Acquire`", f"{_COMMANDS}:AcquireInstruction"
    ),
    OldName(
        "qiskit.pulse.ParametricInstruction",
        "2020",
        "`Play(pulse, channel)`",
        f"{_COMMANDS}:ParametricInstruction",
    ),
    OldName(
        "qiskit.pulse.cmd_def",
        "2019-2020",
        "`qiskit.pulse.instruction_schedule_map`",
        "qiskit.pulse.instruction_schedule_map",
    ),
    *(
        OldName(
            f"{module}.CmdDef",
            "2019-2020",
            "`InstructionScheduleMap`",
            "qiskit.pulse:InstructionScheduleMap",
        )
        for module in ("qiskit.pulse", "qiskit.pulse.instruction_schedule_map")
    ),
    *(
        OldName(
            f"{module}.{name}",
            years,
            "`backend.configuration().drive(0)`, `.measure(0)`, `.acquire(0)`, `.control((0, 1))`",
            f"{_SPEC}:{name}",
        )
        for module in ("qiskit.pulse", "qiskit.pulse.channels")
        for name, years in (
            ("PulseChannelSpec", "2019-2020"),
            ("DeviceSpecification", "2019"),
            ("Qubit", "2019-2020"),
        )
        if (module, name) != ("qiskit.pulse", "Qubit")
    ),
    *(
        OldName(f"qiskit.pulse.channels.{module}", "2019-2020", "`qiskit.pulse.channels`", target)
        for module, target in (
            ("channels", "qiskit.pulse.channels"),
            ("pulse_channels", "qiskit.pulse.channels"),
            ("device_specification", _SPEC),
            ("pulse_channel_spec", _SPEC),
            ("qubit", _SPEC),
        )
    ),
    OldName(
        "qiskit.pulse.reschedule",
        "2019-2021",
        "`qiskit.pulse.transforms`",
        "qiskit.pulse.transforms",
    ),
    *(
        OldName(
            f"qiskit.pulse.utils.{name}",
            "2019-2020",
            f"`qiskit.pulse.transforms.{name}`",
            f"qiskit.pulse.transforms:{name}",
        )
        for name in ("add_implicit_acquires", "align_measures", "pad")
    ),
    OldName(
        "qiskit.pulse.interfaces", "2019-2021", "`qiskit.pulse.schedule`", "qiskit.pulse.schedule"
    ),
    OldName(
        "qiskit.pulse.ScheduleComponent",
        "2019-2020",
        "`Schedule | Instruction`",
        "qiskit.pulse.schedule:ScheduleComponent",
    ),
    *(
        OldName(
            f"{module}.{name}",
            "2020-2022",
            "needless: without it, the instructions are in the context around",
            f"{_BUILDER}:{name}",
        )
        for module in ("qiskit.pulse", "qiskit.pulse.builder")
        for name in ("inline", "pad")
    ),
    *(
        OldName(f"qiskit.pulse.builder.{name}", "2020-2021", "`pulse.call`", f"{_BUILDER}:{name}")
        for name in ("call_circuit", "call_schedule")
    ),
    OldName("qiskit.scheduler.utils", "2020-2023", "`qiskit.pulse.macros`", "qiskit.pulse.macros"),
    OldName(
        "qiskit.pulse.macros.format_meas_map",
        "2020-2023",
        "`qiskit.pulse.utils.format_meas_map`",
        "qiskit.pulse.utils:format_meas_map",
    ),
    *(
        OldName(
            f"qiskit.scheduler.{name}",
            "2020-2023",
            f"`qiskit.pulse.macros.{name}`",
            f"qiskit.pulse.macros:{name}",
        )
        for name in ("measure", "measure_all")
    ),
)
"""Modules, classes and functions by their old name."""

_SCHEDULES: Final = (
    "It was internal. Use the methods of Schedule: insert, append, shift, filter, exclude, replace."
)

PULSE_GONE: Final[tuple[GoneName, ...]] = (
    GoneName("qiskit.pulse.ops", _SCHEDULES),
    GoneName("qiskit.pulse.timeslots", _SCHEDULES),
    GoneName(
        "qiskit.pulse.channels.system_topology", "Use PulseChannelSpec.from_backend(backend)."
    ),
    GoneName(
        "qiskit.pulse.channels.SystemTopology",
        "Use PulseChannelSpec.from_backend(backend).",
        is_module=False,
    ),
    GoneName(
        "qiskit.pulse.commands.Command",
        "Commands have been instructions and pulses since 2020. Use the classes Instruction and "
        "Pulse of qiskit.pulse.",
        is_module=False,
    ),
    GoneName(
        "qiskit.pulse.commands.PersistentValueInstruction",
        "A pulse has a duration. Write Play(Constant(duration, amp), channel).",
        is_module=False,
    ),
    GoneName("qiskit.pulse.commands.MeasOpts", "Use Kernel or Discriminator.", is_module=False),
    GoneName(
        "qiskit.pulse.schedule.ParameterizedSchedule",
        "Put a qiskit.circuit.Parameter into the instructions of a Schedule, and call "
        "schedule.assign_parameters({parameter: value}).",
        is_module=False,
    ),
    *(
        GoneName(
            f"{module}.align_{kind}",
            f"It was internal. In a program, write `with pulse.align_{kind}():` inside of "
            "pulse.build().",
            is_module=False,
        )
        for module in ("qiskit.pulse.transforms", "qiskit.pulse.transforms.alignments")
        for kind in ("equispaced", "func", "left", "right", "sequential")
    ),
    *(
        GoneName(
            f"{module}.{name}",
            "It was internal. Use qiskit.compiler.schedule(circuit, backend).",
            is_module=False,
        )
        for module in ("qiskit.scheduler.methods", "qiskit.scheduler.methods.basic")
        for name in ("CircuitPulseDef", "translate_gates_to_pulse_defs")
    ),
)
"""Names without a substitute of the same meaning."""
