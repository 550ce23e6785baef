"""Work that no caller waits for: reload, timers, jobs, seals."""
