"""Resource classes and pools as platform administrators make and change them, with what is taken of each."""
