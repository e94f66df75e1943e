"""Registries of images: what a reference means, how one is asked, and what an image holds."""

from sessions_api.registry.reasons import Code, codes

__all__ = ["Code", "codes"]
