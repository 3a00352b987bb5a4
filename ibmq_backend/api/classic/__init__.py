"""The classic hub/group/project service behind the port."""
