"""Values that every part of the emulator uses: clock, job records, life cycle, JSON."""
