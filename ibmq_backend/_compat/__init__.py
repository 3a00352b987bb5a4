"""What old programs expect of their surroundings: import paths and argument names of their time."""
