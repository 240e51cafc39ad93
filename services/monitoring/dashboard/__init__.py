"""The server-rendered pages: view models (pure), templates, styles and the router that serves them."""
