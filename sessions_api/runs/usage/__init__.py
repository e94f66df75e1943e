"""What running sessions use of CPU, memory and disk: samples of the last hour, and the peaks of all time."""
