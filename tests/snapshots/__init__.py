"""Volumes and snapshots of them on a cluster that has none: they really hold and copy files.

A CSI driver with snapshots has three programs of Kubernetes' own beside it, and none is part of a cluster by
itself. This one does what they do together, for one namespace and one class, with folders of this machine:
it needs a cluster whose one node is this machine.
"""
