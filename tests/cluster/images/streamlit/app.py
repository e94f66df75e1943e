"""What a person sees of the app: a number that a press of a button changes, through its web socket."""

import streamlit

streamlit.title("Tides")
state = streamlit.session_state
state.setdefault("metres", 3)
if streamlit.button("Rise"):
    state["metres"] += 1
streamlit.write(f"{state['metres']} metres")
