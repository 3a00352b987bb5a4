"""The state of the classic dialect.

``state`` has the job limits and the signer, ``signing`` the presigned URLs of the object storage.
"""
