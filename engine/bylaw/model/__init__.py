"""What the YAML means, as frozen data; no behaviour beyond small questions about itself."""
