"""The demo: the main job from end to end on embedded parts, each step checked.

Nothing here is used by the gateway. It needs the `demo` extra: `pip install "narrows[demo]"`.
"""
