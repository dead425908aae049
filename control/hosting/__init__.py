"""What runs beside the requests: the control loop, and worker processes with their parent."""
