"""The documented IBMQBackend, in three places behind one class."""
