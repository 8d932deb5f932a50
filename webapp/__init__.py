"""The pages: read the request, call one verb, render; nothing outside this package knows the web."""
