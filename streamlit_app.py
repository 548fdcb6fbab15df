"""The web entry point: `python streamlit_app.py`, `streamlit run streamlit_app.py`, or any ASGI server."""

from streamlit.starlette import App

from app.server import MAIN, parts, serve

if __name__ == "__main__":
    serve()
elif __name__ != "__mp_main__":  # worker processes import this file under that name
    app = App(MAIN, **parts())  # `streamlit run` looks for this very call: without it, it serves a page without a guard
