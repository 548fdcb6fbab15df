"""No value reaches Streamlit's markdown or HTML but through the helpers that escape it; read from the source."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
# Calls whose first argument is markdown, whatever they are called on: `st`, a column, a container.
FIRST = {
    "audio_input", "badge", "button", "camera_input", "caption", "chat_input", "checkbox", "color_picker",
    "data_editor", "date_input", "datetime_input", "dialog", "download_button", "error", "exception",
    "expander", "feedback", "file_uploader", "form_submit_button", "header", "info", "latex", "link_button",
    "markdown", "menu_button", "metric", "multiselect", "number_input", "pills", "popover", "radio",
    "segmented_control", "select_slider", "selectbox", "slider", "spinner", "status", "subheader", "success",
    "table", "tabs", "text_area", "text_input", "time_input", "title", "toast", "toggle", "warning", "write",
    "write_stream",
}  # fmt: skip
NAMED = {"label", "body", "help", "text", "captions", "caption"}  # arguments that are markdown wherever they are named
CALLS = FIRST | {"page_link", "progress"}
COLUMNS = {"TextColumn", "NumberColumn", "ProgressColumn", "Column", "CheckboxColumn", "LinkColumn", "SelectboxColumn"}
CHOICES = {"radio", "segmented_control", "pills", "menu_button"}  # their options are markdown too
SAFE = {"Markdown", "Markup"}  # what the helpers return
FILL = {
    "md",
    "markup",
}  # the first argument of these is ours, and may have no colon before a value: it would name a style

Scope = ast.FunctionDef | ast.ClassDef | ast.Module


@cache
def modules() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(APP.rglob("*.py"))}


@cache
def helpers() -> set[str]:
    """Functions of ours that give escaped text, by their annotation; mypy holds them to it."""
    functions = [
        node for module in modules().values() for node in ast.walk(module) if isinstance(node, ast.FunctionDef)
    ]
    return {one.name for one in functions if is_annotated(one.returns)} | SAFE


def is_annotated(node: ast.expr | None) -> bool:
    return node is not None and ast.unparse(node).removesuffix(" | None") in SAFE


def is_safe(node: ast.expr | None, scope: Scope, module: ast.Module) -> bool:
    """Whether an expression is text of ours, or was escaped."""
    again = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)] if node else []
    match node:
        case None | ast.Constant():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in FILL | SAFE:
            first = node.args[0]
            return is_safe(first, scope, module) and ":{" not in ast.unparse(first)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in helpers()
        case ast.IfExp():
            return is_safe(node.body, scope, module) and is_safe(node.orelse, scope, module)
        case ast.BoolOp() | ast.BinOp(op=ast.Add()) | ast.List() | ast.Tuple() | ast.Dict():
            return all(is_safe(one, scope, module) for one in again)
        case ast.DictComp():
            return is_safe(node.key, scope, module) and is_safe(node.value, scope, module)
        case ast.Subscript(value=ast.Name(id=name)):
            return name.isupper() and is_known(name, scope, module)
        case ast.Name(id=name):
            return is_known(name, scope, module)
    return False


def is_known(name: str, scope: Scope, module: ast.Module) -> bool:
    """Whether all that a name is bound to is safe: as a parameter, in the function, or else in the module."""
    nodes = list(ast.walk(scope))
    parameters = [node for node in nodes if isinstance(node, ast.arg) and node.arg == name]
    values = list(bound(name, nodes)) or ([] if parameters else list(bound(name, module.body)))
    right = all(is_annotated(one.annotation) for one in parameters) and all(is_safe(v, scope, module) for v in values)
    return right and bool(parameters or values)


def bound(name: str, nodes: list[ast.AST] | list[ast.stmt]) -> Iterator[ast.expr]:
    """What is bound to a name; a loop binds the name itself, which is safe nowhere."""
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from paired(name, target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
            yield from paired(name, node.target, node.value)
        elif isinstance(node, ast.For | ast.comprehension) and name in ast.unparse(node.target).strip("()").split(", "):
            yield ast.JoinedStr([])


def paired(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple) and any(ast.unparse(one).lstrip("*") == name for one in target.elts):
        even = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
        elements = value.elts if even and isinstance(value, ast.Tuple) else [ast.JoinedStr([])] * len(target.elts)
        yield from (it for one, it in zip(target.elts, elements, strict=True) if ast.unparse(one).lstrip("*") == name)


def is_word(node: ast.expr, scope: Scope, module: ast.Module) -> bool:
    """Whether a function gives options safe words: a helper, a look-up in a table of ours, a lambda around them."""
    match node:
        case ast.Name(id=name):
            return name in helpers()
        case ast.Attribute(attr="__getitem__", value=ast.Name(id=name)):
            return is_known(name, scope, module)
        case ast.Lambda():
            return is_safe(node.body, scope, module)
    return False


def asked_of(call: ast.Call, name: str) -> Iterator[ast.expr]:
    """The arguments of a call that Streamlit reads as markdown or HTML, but for options."""
    if name in FIRST or name == "html":
        yield from call.args[:1]
    yield from (word.value for word in call.keywords if name in CALLS and word.arg in NAMED)
    yield from (word.value for word in call.keywords if name in COLUMNS and word.arg == "help")


def wrong_in(module: ast.Module) -> Iterator[str]:
    """Lines and words of the arguments that are neither ours nor escaped."""
    ours = {
        alias.asname or alias.name for node in module.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    for scope in (one for top in module.body for one in (top.body if isinstance(top, ast.ClassDef) else [top])):
        for call in (node for node in ast.walk(scope) if isinstance(node, ast.Call)):
            if not isinstance(call.func, ast.Attribute) or ast.unparse(call.func.value) in ours:
                continue
            name, here = call.func.attr, scope if isinstance(scope, ast.FunctionDef) else module
            for argument in asked_of(call, name):
                is_file = name == "html" and isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Div)
                if not is_file and not is_safe(argument, here, module):
                    yield f"{call.lineno}: {name}({ast.unparse(argument)})"
            words = {word.arg: word.value for word in call.keywords}
            options = words.get("options", call.args[1] if len(call.args) > 1 else None)
            if name in CHOICES and not (
                is_word(words["format_func"], here, module)
                if "format_func" in words
                else is_safe(options, here, module)
            ):
                yield f"{call.lineno}: options of {name}"


@pytest.mark.parametrize("path", sorted(APP.rglob("*.py")), ids=lambda path: path.relative_to(APP).as_posix())
def test_no_value_is_shown_unescaped(path: Path) -> None:
    if "streamlit" in path.read_text(encoding="utf-8"):
        assert list(wrong_in(modules()[path])) == []


@pytest.mark.parametrize(
    "code",
    ["st.caption(f'{name}')", "st.error(str(error))", "st.markdown('a' + name)", "st.button('%s' % name)",
     "st.write(name)", "st.button('x', help=name)", "st.radio('x', names)", "st.radio('x', names, format_func=str)",
     "st.tabs([name])", "left.metric(label=name, value=1)", "st.html(f'<b>{name}</b>')", "st.toast('{}'.format(name))",
     "st.page_link(p, label=name)", "text = 'a'\n    text += name\n    st.info(text)", "st.progress(1, text=name)",
     "for name in names:\n        st.info(name)", "st.caption(md(name))", "st.caption(md('a:{}', name))",
     "st.caption(md(f'{name}'))", "st.column_config.TextColumn('x', help=name)", "st.html(Markup(name))"],
)  # fmt: skip
def test_what_is_unescaped_is_found(code: str) -> None:
    assert list(wrong_in(ast.parse(f"def draw(name, names, left, p, error):\n    {code}")))


@pytest.mark.parametrize(
    "code",
    ["st.caption('ours')", "st.caption(md('a {}', name))", "st.button(plain(name), help='x')", "st.tabs(['a', 'b'])",
     "st.radio('x', names, format_func=plain)", "text = md('{}', name) if name else 'none'\n    st.info(text)",
     "st.html(FOLDER / 'x.css')", "st.html(markup('<b>{}</b>', name))", "header(name)"],
)  # fmt: skip
def test_what_is_escaped_passes(code: str) -> None:
    assert not list(wrong_in(ast.parse(f"def draw(name, names):\n    {code}")))
