"""How pages look and speak: templates, the stylesheet, the script, and the words for times and sizes."""
