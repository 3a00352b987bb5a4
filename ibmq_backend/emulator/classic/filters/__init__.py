"""LoopBack filters of the job lists."""
