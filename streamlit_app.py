"""The web entry point: `python streamlit_app.py`, `streamlit run streamlit_app.py`, or any ASGI server."""

from app.server import build, serve

if __name__ == "__main__":
    serve()
elif __name__ != "__mp_main__":  # worker processes import this file under that name
    app = build()
