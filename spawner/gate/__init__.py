"""A small reverse proxy in front of a web program that knows nothing of JupyterHub.

It runs beside the program and is the only way to it: it asks JupyterHub who comes and whether they may,
passes HTTP and WebSocket on, and tells the hub when the session was really used. It has to stay small, so it
imports nothing but the standard library and httptools: no pydantic, aiohttp or tornado.
"""
