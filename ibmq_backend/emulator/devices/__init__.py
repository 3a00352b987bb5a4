"""The devices: catalog, calibration snapshots, basis gates, timing."""
