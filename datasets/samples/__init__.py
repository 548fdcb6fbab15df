"""The embedded sample datasets: street, digits and photos."""
