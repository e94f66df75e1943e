"""What logins of hosts have in common, whatever they open: whose they are, how they are kept and sealed."""
