"""What both sites share on the web: page shell, components, static files and the browser's own sources."""
