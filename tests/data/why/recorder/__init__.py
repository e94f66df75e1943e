"""Makes pods that fail in every way on a real cluster, and records what the API says of them.

    KUBECONFIG=… python -m tests.data.why.recorder IMAGE [NAME…]

IMAGE is one with Python and a shell, as the cluster's nodes pull it, in a registry over plain HTTP that may
be written to. With names only those are recorded; `ends` and `refusals` are names too. The namespace is made
for this and deleted afterwards.
"""
