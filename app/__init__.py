"""What people see: Streamlit pages, the HTTP routes beside them, the command line."""
