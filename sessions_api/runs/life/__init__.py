"""When running sessions pause by themselves: for want of activity, or because their time is over."""
