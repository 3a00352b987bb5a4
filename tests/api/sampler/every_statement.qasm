OPENQASM 3.0;
include "stdgates.inc";
// ibmq_backend job {"qobj_id":"one","header":{"u":2},"config":{"shots":500,"memory":true,"parameter_binds":[],"meas_level":2,"init_qubits":true,"parametric_pulses":[],"memory_slots":3,"n_qubits":3}}
// ibmq_backend circuit {"header":{"n_qubits":3,"qreg_sizes":[["q",3]],"memory_slots":3,"creg_sizes":[["left",2],["right",1]],"name":"all","global_phase":0.0,"metadata":{"a":1}},"config":{"n_qubits":3,"memory_slots":3}}
bit[2] left;
bit[1] right;
rz(-0.1) $0;
sx $1;
cz $1, $2;
barrier $0, $2;
delay[160dt] $1;
delay[8dt] $2; // id
left[1] = measure $0;
if (left == 2) {
  x $1;
}
reset $0;
left[0] = measure $0;
right[0] = measure $1;
if (!right[0]) {
  x $2;
}
