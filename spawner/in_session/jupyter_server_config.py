"""Lets Jupyter Server find what is beside this file; its kernels do not."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
