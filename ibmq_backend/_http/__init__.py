"""The HTTP transport of all adapters; it contains no endpoints.

``client`` builds clients from ``settings``; ``auth`` adds tokens and renews them. ``retry`` decides
whether a request is repeated and ``retry_transport`` repeats it, with the clock of ``timing``;
``bounded_network`` applies the deadline to each wait. ``errors`` converts error statuses,
exceptions and malformed replies (``malformed``) to an ``ApiError`` that names the operation
(``operations``). ``json_text`` reads JSON; ``urls``, ``proxies`` and ``certificates`` read URLs,
proxy settings and trusted certificates.
"""
