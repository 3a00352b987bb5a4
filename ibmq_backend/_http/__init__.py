"""The HTTP transport under every adapter, which knows no endpoint.

``client`` builds the clients from ``settings``; ``auth`` adds tokens that renew themselves.
``retry`` decides whether a request is sent again and ``retry_transport`` does it, by the clock of
``timing``; ``bounded_network`` keeps the deadline at every wait. ``errors`` turns statuses,
exceptions and bad replies (``malformed``) into an ``ApiError`` that names the operation
(``operations``). ``urls``, ``proxies`` and ``certificates`` read where a request goes and whom it
trusts.
"""
