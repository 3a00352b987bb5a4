"""The classic wire dialect: routes, handlers, requests, errors, documents."""
