"""A program in front of the Kubernetes API that makes it fail in ways a healthy cluster does not.

    python -m tests.kube_faults --port 0 --kubeconfig FILE

prints the address it listens at and goes on until it is ended. What is under test reaches the cluster through
it; what it is to do wrong comes over HTTP, below `/-/` (see `tests.kube_faults.proxy`).
"""
