"""What only the classic dialect knows.

``state`` has its addresses and job limits, ``signing`` the presigned addresses of the object
storage.
"""
