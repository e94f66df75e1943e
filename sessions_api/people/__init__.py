"""Who is asking: logins by the hub, bearer tokens, the viewer of a request."""
