"""Tests of the admin API: values where they suffice, real sockets for everything else."""
