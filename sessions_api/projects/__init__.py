"""Projects, who belongs to them, and what that lets a person do."""
