"""Runtime of incidents: opens, resumes, interrupts, rescues and ends them."""
